-- With a default every row points somewhere at once.
ALTER TABLE orders ADD COLUMN shop_id int DEFAULT 1 REFERENCES shops;
--> Blocking orders.shop_id: ACCESS EXCLUSIVE on orders: blocks reads and writes, SHARE ROW EXCLUSIVE on shops: blocks writes until the transaction ends; adds foreign key orders.shop_id and checks every row
-- NOT VALID may stand behind other attributes.
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users DEFERRABLE INITIALLY DEFERRED NOT VALID;
-- All its rows are null, but DEFAULT NULL has PostgreSQL check them.
ALTER TABLE orders ADD COLUMN shop_id int REFERENCES shops ON DELETE SET NULL DEFAULT NULL;
--> Blocking orders.shop_id: ACCESS EXCLUSIVE on orders: blocks reads and writes, SHARE ROW EXCLUSIVE on shops: blocks writes until the transaction ends; adds foreign key orders.shop_id and checks every row
