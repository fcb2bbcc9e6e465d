-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
BEGIN;
CREATE INDEX CONCURRENTLY users_name ON users (name);
COMMIT;
-- instead
CREATE INDEX CONCURRENTLY users_name ON users (name);
-- then
SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_name'::regclass
