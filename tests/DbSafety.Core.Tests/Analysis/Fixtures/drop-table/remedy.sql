-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
DROP TABLE users;
-- instead
ALTER TABLE users RENAME TO users_old;
