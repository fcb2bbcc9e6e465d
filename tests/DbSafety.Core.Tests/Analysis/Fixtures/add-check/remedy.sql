-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18);
-- instead
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
-- then
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'adult' AND NOT convalidated)
