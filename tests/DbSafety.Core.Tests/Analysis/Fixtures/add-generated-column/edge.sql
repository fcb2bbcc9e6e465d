-- Commas and parentheses in the expression.
ALTER TABLE users ADD full_name text NOT NULL GENERATED ALWAYS AS (concat(name, ', ', (email))) STORED;
--> Blocking users.full_name: ACCESS EXCLUSIVE on users: blocks reads and writes until the statement ends; adds generated column users.full_name and rewrites the table
