CREATE TABLE draft (a int);
REINDEX TABLE draft;
--> Info draft: builds the indexes of table draft anew: the table was made by the same pending migrations
