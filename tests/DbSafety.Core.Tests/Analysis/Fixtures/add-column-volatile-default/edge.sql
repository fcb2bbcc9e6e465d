-- clock_timestamp() is another one for each row, unlike now().
ALTER TABLE users ADD COLUMN seen timestamptz NOT NULL DEFAULT clock_timestamp();
--> Blocking users.seen: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.seen with a value from clock_timestamp() in every row and rewrites the table
-- A function that is not known may be volatile.
ALTER TABLE users ADD COLUMN code text DEFAULT app.make_code('u');
--> Blocking users.code: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.code with a value from make_code() in every row and rewrites the table
