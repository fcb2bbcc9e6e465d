CREATE TABLE draft (a int);
CREATE INDEX CONCURRENTLY draft_a ON draft (a);
--> Info draft_a: builds an index on draft without blocking writes
