-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
ALTER TABLE users ALTER COLUMN age TYPE bigint;
-- instead
ALTER TABLE users ADD COLUMN age_new bigint;
