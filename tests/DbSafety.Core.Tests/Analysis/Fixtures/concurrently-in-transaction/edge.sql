-- Without BEGIN, but not alone.
CREATE INDEX CONCURRENTLY users_name ON users (name);
--> MayFail users_name: cannot run in a transaction, and a script of several statements is sent as one by many tools
REINDEX TABLE CONCURRENTLY users;
--> MayFail users: cannot run in a transaction, and a script of several statements is sent as one by many tools
