CREATE TABLE draft (a int);
REINDEX TABLE draft;
--> Info draft: builds the indexes of table draft anew; nobody can write to the tables meanwhile, and hardly anybody read them: the table was made by the same pending migrations
