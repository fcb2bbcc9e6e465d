ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id);
--> Blocking orders.orders_user: adds foreign key orders.orders_user and checks every row; both tables cannot be written meanwhile
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
--> Blocking orders.foreign: adds foreign key orders.foreign and checks every row; both tables cannot be written meanwhile
