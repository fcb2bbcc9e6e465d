CREATE TABLE draft (a int);
ALTER TABLE draft ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
ALTER TABLE draft VALIDATE CONSTRAINT c;
--> Info draft.c: checks every row against draft.c: the table was created by the same pending migrations
