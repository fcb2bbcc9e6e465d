CREATE TABLE draft (a int);
DROP TRIGGER audit ON draft;
--> Info draft.audit: drops trigger draft.audit: the table was created by the same pending migrations
