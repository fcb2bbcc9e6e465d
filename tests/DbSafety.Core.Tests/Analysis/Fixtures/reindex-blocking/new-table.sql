CREATE TABLE draft (a int);
REINDEX TABLE draft;
--> Info draft: rebuilds the indexes of table draft: the table was created by the same pending migrations
