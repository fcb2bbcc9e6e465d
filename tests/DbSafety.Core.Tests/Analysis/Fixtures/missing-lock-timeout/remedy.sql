-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD COLUMN nick text;
-- instead
SET lock_timeout = '5s';
-- then
SELECT current_setting('lock_timeout') = '5s'
