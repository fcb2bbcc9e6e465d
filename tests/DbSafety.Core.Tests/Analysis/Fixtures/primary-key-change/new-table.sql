CREATE TABLE draft (a int);
ALTER TABLE draft ADD PRIMARY KEY (a);
--> Info draft.primary: gives draft a primary key: the table was made by the same pending migrations
ALTER TABLE draft DROP CONSTRAINT draft_pkey;
--> Info draft.draft_pkey: takes the primary key of draft away: the table was made by the same pending migrations
