CREATE TABLE draft (a int);
ALTER TABLE draft RENAME TO made;
--> Info draft: renames draft to made: code that uses the old name fails: the table was made by the same pending migrations
ALTER TABLE made SET SCHEMA app;
--> Info made: renames made to app.made: code that uses the old name fails: the table was made by the same pending migrations
