CREATE TABLE IF NOT EXISTS draft (a int);
ALTER TABLE draft DROP CONSTRAINT c;
--> Info draft.c: has no IF EXISTS: outside a transaction, the script cannot be run again after a later statement fails
