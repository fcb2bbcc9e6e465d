-- The transaction ends before it.
BEGIN;
ALTER TABLE users ADD COLUMN nick text;
COMMIT;
DROP INDEX CONCURRENTLY users_name;
VACUUM users;
