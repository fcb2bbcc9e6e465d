CREATE TABLE draft (a int NOT NULL);
ALTER TABLE draft ALTER a ADD GENERATED ALWAYS AS IDENTITY;
--> Info draft: makes a column of draft GENERATED ALWAYS: the table was made by the same pending migrations
