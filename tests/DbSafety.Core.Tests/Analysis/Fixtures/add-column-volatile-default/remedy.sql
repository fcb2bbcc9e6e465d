-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
-- instead
ALTER TABLE users ADD COLUMN token uuid;
ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
-- then
SELECT EXISTS (SELECT FROM pg_attrdef WHERE adrelid = 'users'::regclass) AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'token' AND NOT atthasmissing)
