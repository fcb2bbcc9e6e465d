CREATE TABLE draft (a int);
INSERT INTO draft VALUES (1);
--> Info draft: adds rows to draft
