ALTER TABLE users DROP COLUMN age;
ALTER TABLE orders ADD COLUMN age int;
ALTER TABLE people ADD COLUMN full_name text;
UPDATE people SET full_name = name WHERE true;
ALTER TABLE people DROP COLUMN name;
