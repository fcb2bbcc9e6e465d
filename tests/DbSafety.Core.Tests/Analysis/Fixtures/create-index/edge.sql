-- Without a name it is called by its table.
CREATE UNIQUE INDEX CONCURRENTLY ON users (name);
--> Info users: builds an index on users without blocking writes
