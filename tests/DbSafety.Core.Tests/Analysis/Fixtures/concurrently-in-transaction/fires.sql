BEGIN;
CREATE INDEX CONCURRENTLY users_name ON users (name);
--> MayFail users_name: cannot run inside a transaction block, and is inside one
COMMIT;
