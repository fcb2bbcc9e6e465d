CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int;
