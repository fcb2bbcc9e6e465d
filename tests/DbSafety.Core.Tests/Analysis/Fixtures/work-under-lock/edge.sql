-- NOT VALID spares no wait where the same transaction validates.
BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user;
--> Blocking orders: SHARE ROW EXCLUSIVE on orders and users: blocks writes until the transaction ends; acquired in line 3, before this statement reads every row of orders
COMMIT;
