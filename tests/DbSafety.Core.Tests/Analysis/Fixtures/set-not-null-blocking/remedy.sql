-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
-- instead
ALTER TABLE users ADD CONSTRAINT users_email_not_null CHECK (email IS NOT NULL) NOT VALID;
COMMIT;
ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_email_not_null;
-- then
SELECT attnotnull AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email_not_null' AND contype = 'c') FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'email'
