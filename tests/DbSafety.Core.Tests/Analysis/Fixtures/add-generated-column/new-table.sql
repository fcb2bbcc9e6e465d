CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED;
--> Info draft.b: adds generated column draft.b: the table was created by the same pending migrations
