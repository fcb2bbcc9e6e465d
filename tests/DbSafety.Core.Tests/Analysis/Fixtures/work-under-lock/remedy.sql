-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, nick text);
-- migration
ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = name;
-- instead
UPDATE users SET nick = name;
-- then
SELECT NOT EXISTS (SELECT FROM users WHERE nick IS DISTINCT FROM name)
