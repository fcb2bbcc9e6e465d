CREATE INDEX CONCURRENTLY users_name ON users (name);
--> Info users_name: builds an index on users without blocking writes
