CREATE TABLE draft (a int DEFAULT 1);
ALTER TABLE draft ALTER COLUMN a DROP DEFAULT;
--> Info draft.a: takes the default of draft.a away: the column was made by the same pending migrations
