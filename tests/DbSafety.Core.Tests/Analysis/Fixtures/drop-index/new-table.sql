CREATE TABLE draft (a int);
CREATE INDEX draft_a ON draft (a);
DROP INDEX draft_a;
--> Info draft_a: drops index draft_a: queries it served become slow, and if it was unique, nothing is any more: it was made by the same pending migrations
