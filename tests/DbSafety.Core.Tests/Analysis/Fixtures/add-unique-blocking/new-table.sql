CREATE TABLE draft (a int);
ALTER TABLE draft ADD UNIQUE (a);
--> Info draft.unique: adds draft.unique and builds its index; the table can neither be read nor written meanwhile: the table was made by the same pending migrations
