-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
-- instead
SELECT email, count(*) FROM users GROUP BY email HAVING count(*) > 1;
-- then
SELECT NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email')
