CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a SET NOT NULL;
--> Info draft.a: requires a value in every row of draft.a: the table was created by the same pending migrations
