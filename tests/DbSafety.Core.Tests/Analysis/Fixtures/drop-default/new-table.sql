CREATE TABLE draft (a int DEFAULT 1);
ALTER TABLE draft ALTER COLUMN a DROP DEFAULT;
--> Info draft.a: drops the default of draft.a: the column was created by the same pending migrations
