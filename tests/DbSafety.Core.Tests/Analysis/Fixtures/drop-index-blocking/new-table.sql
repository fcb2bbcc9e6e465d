CREATE TABLE draft (a int);
CREATE INDEX draft_a ON draft (a);
DROP INDEX draft_a;
--> Info draft_a: drops index draft_a: its table can neither be read nor written meanwhile: it was made by the same pending migrations
