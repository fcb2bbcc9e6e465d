-- clock_timestamp() is another one for each row, unlike now().
ALTER TABLE users ADD COLUMN seen timestamptz NOT NULL DEFAULT clock_timestamp();
--> Blocking users.seen: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.seen, whose value comes from clock_timestamp() row by row and writes the table anew
-- A function that is not known may be volatile.
ALTER TABLE users ADD COLUMN code text DEFAULT app.make_code('u');
--> Blocking users.code: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.code, whose value comes from make_code() row by row and writes the table anew
