CREATE TABLE draft (a int);
ALTER TABLE draft ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
--> Info draft.c: adds constraint draft.c
