CREATE TABLE draft (a int NOT NULL);
ALTER TABLE draft ALTER a ADD GENERATED ALWAYS AS IDENTITY;
--> Info draft: sets a column of draft to GENERATED ALWAYS: the table was created by the same pending migrations
