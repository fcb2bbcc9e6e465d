VACUUM users;
UPDATE users SET name = '' WHERE id = 1;
SET lock_timeout = '5s';
ALTER TABLE users ADD COLUMN nick text;
DROP TABLE orders;
