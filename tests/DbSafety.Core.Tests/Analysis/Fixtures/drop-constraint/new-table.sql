CREATE TABLE draft (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE draft DROP CONSTRAINT c;
--> Info draft.c: drops constraint draft.c: the table was created by the same pending migrations
