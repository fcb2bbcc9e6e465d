CREATE TABLE draft (a int);
ALTER TABLE draft ALTER a SET DEFAULT 1;
--> Info draft.a: sets the default of draft.a to 1
