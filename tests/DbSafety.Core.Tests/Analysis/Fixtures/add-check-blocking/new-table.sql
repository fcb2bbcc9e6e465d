CREATE TABLE draft (a int);
ALTER TABLE draft ADD CHECK (a > 0);
--> Info draft.check: adds check draft.check and tests every row; the table can neither be read nor written meanwhile: the table was made by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word ADD CHECK (VALUE <> '');
--> Info word.check: adds check word.check and reads every row of the tables that use domain word; nobody can write to them meanwhile: it was made by the same pending migrations
