CREATE TABLE draft (a int);
ALTER TABLE draft SET UNLOGGED;
--> Info draft: SET UNLOGGED rewrites draft: the table was created by the same pending migrations
