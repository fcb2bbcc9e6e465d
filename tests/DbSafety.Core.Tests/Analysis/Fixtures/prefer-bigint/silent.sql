CREATE TABLE orders (id bigint PRIMARY KEY, no bigserial, amount int, parts int[]);
ALTER TABLE orders ADD COLUMN total int;
