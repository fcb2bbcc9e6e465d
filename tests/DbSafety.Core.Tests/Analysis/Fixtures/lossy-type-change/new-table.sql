CREATE TABLE draft (a numeric);
ALTER TABLE draft ALTER COLUMN a TYPE int;
--> Info draft.a: converts draft.a to int: it was created by the same pending migrations
ALTER TABLE orders ADD COLUMN b numeric;
ALTER TABLE orders ALTER COLUMN b TYPE int;
--> Info orders.b: converts orders.b to int: it was created by the same pending migrations
