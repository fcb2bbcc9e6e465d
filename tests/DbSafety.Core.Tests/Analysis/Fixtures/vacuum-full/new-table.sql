CREATE TABLE draft (a int);
VACUUM FULL draft;
--> Info draft: writes draft anew; it can neither be read nor written meanwhile: the table was made by the same pending migrations
