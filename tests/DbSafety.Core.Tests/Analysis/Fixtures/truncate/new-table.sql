CREATE TABLE draft (id int);
TRUNCATE draft;
--> Info draft: empties table draft: it was made by the same pending migrations
