CREATE TABLE draft (a int);
ALTER TABLE draft ADD UNIQUE (a);
--> Info draft.unique: adds constraint draft.unique: the table was created by the same pending migrations
