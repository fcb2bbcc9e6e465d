CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: requires a > 0 of every row of draft: the table was made by the same pending migrations
