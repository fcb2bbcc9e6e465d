ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
--> MayFail orders.orders_user: requires that every row of orders points to a row of users
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
--> MayFail orders.foreign: requires that every row of orders points to a row of users
