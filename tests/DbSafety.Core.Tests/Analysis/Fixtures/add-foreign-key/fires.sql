ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
--> MayFail orders.orders_user: requires every row of orders to reference a row of users
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
--> MayFail orders.foreign: requires every row of orders to reference a row of users
