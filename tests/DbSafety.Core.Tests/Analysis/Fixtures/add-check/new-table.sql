CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: requires a > 0 of every row of draft: the table was made by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word ADD CHECK (VALUE <> '');
--> Info word.check: requires VALUE <> '' of every value of domain word: it was made by the same pending migrations
