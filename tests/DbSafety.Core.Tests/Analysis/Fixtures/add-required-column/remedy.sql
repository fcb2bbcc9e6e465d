-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD COLUMN code text NOT NULL;
-- instead
ALTER TABLE users ADD COLUMN code text;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'code' AND NOT attnotnull)
