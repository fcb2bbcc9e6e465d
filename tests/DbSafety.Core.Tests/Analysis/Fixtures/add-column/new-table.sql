CREATE TABLE draft (a int);
ALTER TABLE draft ADD b int;
--> Info draft.b: adds column draft.b
