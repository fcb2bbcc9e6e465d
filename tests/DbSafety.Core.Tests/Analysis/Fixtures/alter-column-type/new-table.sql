CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a TYPE bigint;
--> Info draft.a: changes the type of draft.a to bigint: the table was created by the same pending migrations
