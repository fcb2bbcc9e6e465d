CREATE TABLE draft (a int);
DROP POLICY own ON draft;
--> Info draft.own: drops policy draft.own: the table was created by the same pending migrations
