-- One statement after the other, the new one first.
ALTER TABLE users ADD COLUMN full_name text;
ALTER TABLE users DROP COLUMN name;
--> Destructive users.name: drops users.name and adds full_name: if a rename is intended, its values are lost
-- Two go and one comes: which of them is it? None is taken for a rename.
ALTER TABLE orders DROP COLUMN a, DROP COLUMN b, ADD COLUMN c int;
