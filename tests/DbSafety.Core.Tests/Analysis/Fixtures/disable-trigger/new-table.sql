CREATE TABLE draft (a int);
ALTER TABLE draft DISABLE TRIGGER USER;
--> Info draft.user: switches trigger user of draft off: the table was made by the same pending migrations
