ALTER TABLE users ADD COLUMN full_name text GENERATED ALWAYS AS (name || ' ' || email) STORED;
--> Blocking users.full_name: ACCESS EXCLUSIVE on users: blocks reads and writes until the statement ends; adds the generated column users.full_name and writes the table anew
