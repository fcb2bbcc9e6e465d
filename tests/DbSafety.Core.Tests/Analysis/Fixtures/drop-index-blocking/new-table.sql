CREATE TABLE draft (a int);
CREATE INDEX draft_a ON draft (a);
DROP INDEX draft_a;
--> Info draft_a: drops index draft_a: it was created by the same pending migrations
