CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: adds check draft.check and tests every row; the table can neither be read nor written meanwhile: the table was made by the same pending migrations
