CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED;
--> Info draft.b: adds the generated column draft.b: draft is written anew, and nobody can read or write it meanwhile: the table was made by the same pending migrations
