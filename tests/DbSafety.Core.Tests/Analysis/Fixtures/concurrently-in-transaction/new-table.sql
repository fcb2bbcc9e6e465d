-- A new table makes no difference: it fails all the same.
CREATE TABLE draft (a int);
CREATE INDEX CONCURRENTLY draft_a ON draft (a);
--> MayFail draft_a: cannot run in a transaction, and a script of several statements is sent as one by many tools
