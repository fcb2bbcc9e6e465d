-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users RENAME TO people;
-- instead
CREATE VIEW people AS SELECT * FROM users;
