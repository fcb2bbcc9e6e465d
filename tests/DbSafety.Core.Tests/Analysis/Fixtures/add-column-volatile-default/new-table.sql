CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN token uuid DEFAULT gen_random_uuid();
--> Info draft.token: adds column draft.token, whose value comes from gen_random_uuid() row by row: the table was made by the same pending migrations
