CREATE TABLE IF NOT EXISTS draft (a int);
ALTER TABLE draft DROP CONSTRAINT c;
--> Info draft.c: has no IF EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
