CREATE TABLE draft (a int);
VACUUM FULL draft;
--> Info draft: rewrites draft: the table was created by the same pending migrations
