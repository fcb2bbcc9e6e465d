CREATE TABLE draft (a int);
ALTER TABLE draft OWNER TO admin;
--> Info draft: changes the owner of table draft: the table was created by the same pending migrations
