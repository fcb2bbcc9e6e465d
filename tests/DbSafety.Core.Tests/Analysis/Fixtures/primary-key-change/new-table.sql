CREATE TABLE draft (a int);
ALTER TABLE draft ADD PRIMARY KEY (a);
--> Info draft.primary: gives draft a primary key: foreign keys, logical replication and code that finds rows by it are concerned: the table was made by the same pending migrations
ALTER TABLE draft DROP CONSTRAINT draft_pkey;
--> Info draft.draft_pkey: takes the primary key of draft away: foreign keys, logical replication and code that finds rows by it are concerned: the table was made by the same pending migrations
