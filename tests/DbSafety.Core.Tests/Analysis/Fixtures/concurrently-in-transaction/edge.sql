-- Without BEGIN, but not alone.
CREATE INDEX CONCURRENTLY users_name ON users (name);
--> MayFail users_name: cannot run inside a transaction block, and many tools send a script of several statements as one transaction
REINDEX TABLE CONCURRENTLY users;
--> MayFail users: cannot run inside a transaction block, and many tools send a script of several statements as one transaction
