CREATE TABLE draft (a int);
ALTER TABLE draft SET UNLOGGED;
--> Info draft: SET UNLOGGED writes draft anew: the table was made by the same pending migrations
