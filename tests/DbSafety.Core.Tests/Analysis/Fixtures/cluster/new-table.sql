CREATE TABLE draft (a int);
CLUSTER draft USING draft_a;
--> Info draft: writes draft anew in another order: the table was made by the same pending migrations
