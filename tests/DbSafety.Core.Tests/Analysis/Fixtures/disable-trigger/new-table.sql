CREATE TABLE draft (a int);
ALTER TABLE draft DISABLE TRIGGER USER;
--> Info draft.user: disables trigger user on draft: the table was created by the same pending migrations
