CREATE TABLE draft (a int);
CREATE INDEX draft_a ON draft (a);
--> Info draft_a: builds an index on draft: the table was created by the same pending migrations
