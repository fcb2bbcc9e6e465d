CREATE TABLE draft (a int);
LOCK TABLE draft;
--> Info draft: locks draft by name: the table was made by the same pending migrations
