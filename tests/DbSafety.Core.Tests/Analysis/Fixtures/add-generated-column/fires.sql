ALTER TABLE users ADD COLUMN full_name text GENERATED ALWAYS AS (name || ' ' || email) STORED;
--> Blocking users.full_name: ACCESS EXCLUSIVE on users: blocks reads and writes until the statement ends; adds generated column users.full_name and rewrites the table
