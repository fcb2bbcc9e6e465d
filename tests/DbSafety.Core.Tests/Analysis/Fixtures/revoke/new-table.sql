CREATE TABLE draft (a int);
REVOKE ALL ON draft FROM app;
--> Info draft: takes rights on table draft away: the table was made by the same pending migrations
