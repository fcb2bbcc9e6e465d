ALTER TABLE orders ALTER COLUMN note TYPE int USING note::int;
--> MayFail orders.note: converts the values of orders.note to int; fails if one of them cannot be converted
ALTER TABLE users ALTER COLUMN name TYPE varchar(20);
--> MayFail users.name: converts the values of users.name to varchar(20); fails if one of them cannot be converted
