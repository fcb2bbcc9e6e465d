-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
DROP TABLE users;
-- instead
ALTER TABLE users RENAME TO users_old;
-- then
SELECT to_regclass('users') IS NULL AND to_regclass('users_old') IS NOT NULL
