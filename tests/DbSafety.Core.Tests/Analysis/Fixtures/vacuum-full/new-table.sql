CREATE TABLE draft (a int);
VACUUM FULL draft;
--> Info draft: writes draft anew: the table was made by the same pending migrations
