CREATE TABLE draft (id int);
DELETE FROM draft;
--> Info draft: deletes all rows of draft: the table was created by the same pending migrations
