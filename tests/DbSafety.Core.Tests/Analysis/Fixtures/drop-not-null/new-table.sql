CREATE TABLE draft (a int NOT NULL);
ALTER TABLE draft ALTER a DROP NOT NULL;
--> Info draft.a: drops NOT NULL of draft.a: the column was created by the same pending migrations
