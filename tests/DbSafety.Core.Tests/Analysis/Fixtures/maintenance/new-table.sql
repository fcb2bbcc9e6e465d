CREATE TABLE draft (a int);
VACUUM draft;
--> Info draft: cleans draft while it stays in use
