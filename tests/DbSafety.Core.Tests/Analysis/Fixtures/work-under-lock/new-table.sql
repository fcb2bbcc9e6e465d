CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int;
UPDATE draft SET b = a;
ALTER TABLE users ADD COLUMN nick text;
UPDATE draft SET b = a;
