CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: adds check draft.check: the table was created by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word ADD CHECK (VALUE <> '');
--> Info word.check: adds check word.check: it was created by the same pending migrations
