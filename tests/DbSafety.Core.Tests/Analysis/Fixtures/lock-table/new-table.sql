CREATE TABLE draft (a int);
LOCK TABLE draft;
--> Info draft: locks draft until the transaction ends; nobody can read or write it meanwhile: the table was made by the same pending migrations
