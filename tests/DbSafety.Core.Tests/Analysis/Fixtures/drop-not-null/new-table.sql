CREATE TABLE draft (a int NOT NULL);
ALTER TABLE draft ALTER a DROP NOT NULL;
--> Info draft.a: lets draft.a be null: the column was made by the same pending migrations
