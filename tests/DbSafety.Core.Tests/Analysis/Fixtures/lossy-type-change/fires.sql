ALTER TABLE orders ALTER COLUMN total TYPE int;
--> Destructive orders.total: converts orders.total to int
ALTER TABLE orders ALTER total SET DATA TYPE numeric(10, 2) USING total::numeric;
--> Destructive orders.total: converts orders.total to numeric(10, 2)
