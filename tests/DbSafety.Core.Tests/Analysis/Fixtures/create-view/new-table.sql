CREATE TABLE draft (a int);
CREATE VIEW d AS SELECT * FROM draft;
--> Info d: creates view d
