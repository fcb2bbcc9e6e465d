CREATE TABLE draft (a int);
REVOKE ALL ON draft FROM app;
--> Info draft: revokes privileges on table draft: the table was created by the same pending migrations
