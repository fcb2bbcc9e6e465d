CREATE TABLE draft (a int);
ALTER TABLE draft RENAME TO made;
--> Info draft: renames draft to made: the table was created by the same pending migrations
ALTER TABLE made SET SCHEMA app;
--> Info made: renames made to app.made: the table was created by the same pending migrations
