CREATE TABLE draft (a int);
DROP RULE r ON draft;
--> Info draft.r: drops rule draft.r: the table was created by the same pending migrations
