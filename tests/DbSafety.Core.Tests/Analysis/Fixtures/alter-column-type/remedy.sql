-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ALTER COLUMN age TYPE bigint;
-- instead
ALTER TABLE users ADD COLUMN age_new bigint;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'age_new' AND atttypid = 'bigint'::regtype)
