CREATE TABLE draft (id int);
DELETE FROM draft;
--> Info draft: deletes all rows of draft: the table was made by the same pending migrations
