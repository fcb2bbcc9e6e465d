CREATE TABLE draft (a int);
ALTER TABLE draft SET UNLOGGED;
--> Info draft: SET UNLOGGED writes draft anew; it can neither be read nor written meanwhile: the table was made by the same pending migrations
