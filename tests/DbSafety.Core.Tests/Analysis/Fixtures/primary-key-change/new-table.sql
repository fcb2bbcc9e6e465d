CREATE TABLE draft (a int);
ALTER TABLE draft ADD PRIMARY KEY (a);
--> Info draft.primary: adds a primary key to draft: the table was created by the same pending migrations
ALTER TABLE draft DROP CONSTRAINT draft_pkey;
--> Info draft.draft_pkey: drops the primary key of draft: the table was created by the same pending migrations
