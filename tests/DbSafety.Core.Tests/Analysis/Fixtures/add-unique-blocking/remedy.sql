-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- instead
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email;
-- then
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email' AND contype = 'u')
