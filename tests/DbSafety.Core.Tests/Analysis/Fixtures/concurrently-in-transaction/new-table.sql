-- A new table makes no difference: it fails all the same.
CREATE TABLE draft (a int);
CREATE INDEX CONCURRENTLY draft_a ON draft (a);
--> MayFail draft_a: cannot run inside a transaction block, and many tools send a script of several statements as one transaction
