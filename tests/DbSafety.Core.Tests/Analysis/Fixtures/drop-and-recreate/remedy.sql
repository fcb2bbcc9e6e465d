-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users DROP COLUMN age, ADD COLUMN age bigint;
-- instead
ALTER TABLE users ALTER COLUMN age TYPE bigint USING age::bigint;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'age' AND atttypid = 'bigint'::regtype)
