-- Commas and parentheses in the expression.
ALTER TABLE users ADD full_name text NOT NULL GENERATED ALWAYS AS (concat(name, ', ', (email))) STORED;
--> Blocking users.full_name: adds the generated column users.full_name: users is written anew, and nobody can read or write it meanwhile
