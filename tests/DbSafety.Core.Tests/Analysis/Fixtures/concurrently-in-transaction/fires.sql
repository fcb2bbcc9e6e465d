BEGIN;
CREATE INDEX CONCURRENTLY users_name ON users (name);
--> MayFail users_name: cannot run in a transaction, and stands in one
COMMIT;
