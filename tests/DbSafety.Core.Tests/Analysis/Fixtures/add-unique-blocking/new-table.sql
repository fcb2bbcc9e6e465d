CREATE TABLE draft (a int);
ALTER TABLE draft ADD UNIQUE (a);
--> Info draft.unique: adds draft.unique: the table was made by the same pending migrations
