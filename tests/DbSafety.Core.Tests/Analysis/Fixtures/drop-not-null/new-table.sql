CREATE TABLE draft (a int NOT NULL);
ALTER TABLE draft ALTER a DROP NOT NULL;
--> Info draft.a: lets draft.a be null: code that does not expect it fails on the first one: the column was made by the same pending migrations
