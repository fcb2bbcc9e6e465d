CREATE TABLE draft (a int);
--> Info draft: makes table draft
