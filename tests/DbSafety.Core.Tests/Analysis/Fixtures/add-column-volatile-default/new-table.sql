CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN token uuid DEFAULT gen_random_uuid();
--> Info draft.token: adds column draft.token with a value from gen_random_uuid() in every row: the table was created by the same pending migrations
