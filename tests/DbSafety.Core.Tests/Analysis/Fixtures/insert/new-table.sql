CREATE TABLE draft (a int);
INSERT INTO draft VALUES (1);
--> Info draft: inserts rows into draft
