CREATE TABLE draft (a text);
ALTER TABLE draft ALTER COLUMN a TYPE int USING a::int;
--> Info draft.a: converts the values of draft.a to int; fails if one of them cannot be converted: it was created by the same pending migrations
ALTER TABLE orders ADD COLUMN b text;
ALTER TABLE orders ALTER COLUMN b TYPE int USING b::int;
--> Info orders.b: converts the values of orders.b to int; fails if one of them cannot be converted: it was created by the same pending migrations
