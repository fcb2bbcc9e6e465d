-- Zero is no limit.
SET lock_timeout = 0;
ALTER TABLE users ADD COLUMN nick text;
--> Blocking users: asks for a lock on users and would wait for it without end, and all others behind it
