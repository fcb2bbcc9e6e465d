CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: requires every row of draft to satisfy a > 0: the table was created by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word ADD CHECK (VALUE <> '');
--> Info word.check: requires every value of domain word to satisfy VALUE <> '': it was created by the same pending migrations
