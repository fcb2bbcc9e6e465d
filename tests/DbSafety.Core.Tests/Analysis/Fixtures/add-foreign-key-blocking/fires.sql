ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
--> Blocking orders.orders_user: SHARE ROW EXCLUSIVE on orders and users: blocks writes until the transaction ends; adds foreign key orders.orders_user and checks every row
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
--> Blocking orders.foreign: SHARE ROW EXCLUSIVE on orders and users: blocks writes until the transaction ends; adds foreign key orders.foreign and checks every row
