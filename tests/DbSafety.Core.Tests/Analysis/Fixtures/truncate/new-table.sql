CREATE TABLE draft (id int);
TRUNCATE draft;
--> Info draft: truncates table draft: it was created by the same pending migrations
