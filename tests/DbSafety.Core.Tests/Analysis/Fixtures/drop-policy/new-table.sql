CREATE TABLE draft (a int);
DROP POLICY own ON draft;
--> Info draft.own: drops policy draft.own: roles see other rows of its table from now on, or none: the table was made by the same pending migrations
