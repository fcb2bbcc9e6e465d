CREATE TABLE draft (id int);
DELETE FROM draft WHERE id = 1;
--> Info draft: deletes rows of draft: the table was created by the same pending migrations
