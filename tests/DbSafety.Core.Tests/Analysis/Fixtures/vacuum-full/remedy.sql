-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
VACUUM FULL users;
-- instead
VACUUM users;
-- then
SELECT true
