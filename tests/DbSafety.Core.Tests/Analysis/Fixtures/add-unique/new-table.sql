CREATE TABLE draft (a int);
ALTER TABLE draft ADD UNIQUE (a);
--> Info draft.unique: requires that no two rows of draft have the same a: the table was created by the same pending migrations
CREATE UNIQUE INDEX draft_a ON draft (a);
--> Info draft_a: requires that no two rows of draft have the same a: the table was created by the same pending migrations
