CREATE TABLE draft (a int);
CLUSTER draft USING draft_a;
--> Info draft: rewrites draft in index order: the table was created by the same pending migrations
