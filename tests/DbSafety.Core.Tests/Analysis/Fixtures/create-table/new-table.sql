CREATE TABLE draft (a int);
--> Info draft: creates table draft
