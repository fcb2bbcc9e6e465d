-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users RENAME TO people;
-- instead
BEGIN;
ALTER TABLE users RENAME TO people;
CREATE VIEW users AS SELECT * FROM people;
COMMIT;
-- then
SELECT is_updatable = 'YES' FROM information_schema.views WHERE table_name = 'users'
