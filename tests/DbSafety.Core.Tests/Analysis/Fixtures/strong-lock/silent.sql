SET lock_timeout = '5s';
ALTER TABLE users VALIDATE CONSTRAINT adult;
ALTER TABLE users SET (fillfactor = 90);
CREATE INDEX users_name ON users (name);
VACUUM users;
UPDATE users SET name = '' WHERE id = 1;
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'ALTER TABLE users ADD COLUMN nick text';
