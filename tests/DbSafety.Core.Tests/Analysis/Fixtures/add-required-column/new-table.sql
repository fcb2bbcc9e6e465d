CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int NOT NULL;
--> Info draft.b: adds the required column draft.b without a default: the table was made by the same pending migrations
