ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
--> Breaking orders.orders_user: adds a foreign key on orders (user_id) without an index on it: each DELETE in users reads all rows of orders
ALTER TABLE orders ADD COLUMN shop int REFERENCES shops;
--> Breaking orders.shop: adds a foreign key on orders (shop) without an index on it: each DELETE in shops reads all rows of orders
