CREATE TABLE draft (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE draft RENAME CONSTRAINT c TO d;
--> Info draft.c: renames constraint draft.c to d: the table was created by the same pending migrations
