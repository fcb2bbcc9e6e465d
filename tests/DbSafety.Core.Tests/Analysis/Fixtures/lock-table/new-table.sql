CREATE TABLE draft (a int);
LOCK TABLE draft;
--> Info draft: locks draft explicitly: the table was created by the same pending migrations
