-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
CREATE INDEX users_name ON users (name);
-- migration
DROP INDEX users_name;
-- instead
DROP INDEX CONCURRENTLY users_name;
-- then
SELECT to_regclass('users_name') IS NULL
