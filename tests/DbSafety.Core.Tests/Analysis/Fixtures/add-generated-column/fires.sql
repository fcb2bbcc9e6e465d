ALTER TABLE users ADD COLUMN full_name text GENERATED ALWAYS AS (name || ' ' || email) STORED;
--> Blocking users.full_name: adds the generated column users.full_name: users is written anew, and nobody can read or write it meanwhile
