CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a SET NOT NULL;
--> Info draft.a: makes draft.a NOT NULL and reads every row; nobody can read or write draft meanwhile: the table was made by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word SET NOT NULL;
--> Info word: makes domain word NOT NULL and reads every row of the tables that use it; nobody can write to them meanwhile: it was made by the same pending migrations
