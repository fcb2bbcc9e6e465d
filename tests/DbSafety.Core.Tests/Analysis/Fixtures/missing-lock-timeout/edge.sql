-- Zero is no limit.
SET lock_timeout = 0;
ALTER TABLE users ADD COLUMN nick text;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; waits for it without a lock_timeout, and queries that arrive while it waits queue behind it
