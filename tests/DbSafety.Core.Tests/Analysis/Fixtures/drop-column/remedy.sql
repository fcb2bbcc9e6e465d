-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users DROP COLUMN legacy;
-- instead
ALTER TABLE users ALTER COLUMN legacy DROP NOT NULL;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'legacy' AND NOT attnotnull)
