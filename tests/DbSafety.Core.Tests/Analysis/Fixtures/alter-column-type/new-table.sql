CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a TYPE bigint;
--> Info draft.a: changes the type of draft.a to bigint; nobody can read or write draft meanwhile: the table was made by the same pending migrations
