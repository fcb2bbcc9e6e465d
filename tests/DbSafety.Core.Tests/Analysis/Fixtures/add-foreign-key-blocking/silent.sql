ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders ADD COLUMN user_id int REFERENCES users;
CREATE TABLE lines (order_id int REFERENCES orders);
