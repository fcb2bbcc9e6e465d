ALTER TABLE orders ALTER COLUMN note TYPE int USING note::int;
--> MayFail orders.note: converts the values of orders.note to int, which may not take them all
ALTER TABLE users ALTER COLUMN name TYPE varchar(20);
--> MayFail users.name: converts the values of users.name to varchar(20), which may not take them all
