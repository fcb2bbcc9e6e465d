CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int NOT NULL;
--> Info draft.b: adds column draft.b as NOT NULL without a default; fails if the table has rows: the table was created by the same pending migrations
