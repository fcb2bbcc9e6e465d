-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD COLUMN long_name text GENERATED ALWAYS AS (upper(name)) STORED;
-- instead
ALTER TABLE users ADD COLUMN long_name text;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'long_name' AND attgenerated = '')
