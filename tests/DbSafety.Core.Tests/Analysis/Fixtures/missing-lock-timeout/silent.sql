-- Of these something else is said, which is reason enough to plan them.
ALTER TABLE users DROP COLUMN legacy;
ALTER TABLE users RENAME TO people;
SET lock_timeout = '5s';
ALTER TABLE users ADD COLUMN nick text;
