-- given
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email text, age int, legacy text NOT NULL);
-- migration
REINDEX TABLE users;
-- instead
REINDEX TABLE CONCURRENTLY users;
-- then
SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_pkey'::regclass
