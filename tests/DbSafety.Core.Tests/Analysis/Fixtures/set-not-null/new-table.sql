CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a SET NOT NULL;
--> Info draft.a: requires a value in draft.a, and reads every row while nobody else can read or write: the table was made by the same pending migrations
