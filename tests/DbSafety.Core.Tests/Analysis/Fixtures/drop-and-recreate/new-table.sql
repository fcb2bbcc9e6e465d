CREATE TABLE draft (a int, b int);
ALTER TABLE draft DROP COLUMN a, ADD COLUMN a bigint;
DROP TABLE draft;
CREATE TABLE draft (a int);
