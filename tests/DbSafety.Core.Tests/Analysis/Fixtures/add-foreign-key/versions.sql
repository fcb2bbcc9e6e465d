-- A new column without a default is NULL in every row, and points nowhere.
ALTER TABLE orders ADD COLUMN user_id int;
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
--> Info orders.foreign: requires every row of orders to reference a row of users: the same transaction adds the column, which is NULL in every row
ALTER TABLE orders ADD FOREIGN KEY (user_id, shop_id) REFERENCES places;
--> Info orders.foreign: requires every row of orders to reference a row of places: the same transaction adds the column, which is NULL in every row
ALTER TABLE orders ADD FOREIGN KEY (user_id, shop_id) REFERENCES places MATCH FULL;
--> MayFail orders.foreign: requires every row of orders to reference a row of places
ALTER TABLE orders ADD COLUMN place_id int DEFAULT 1;
ALTER TABLE orders ADD FOREIGN KEY (place_id) REFERENCES places;
--> MayFail orders.foreign: requires every row of orders to reference a row of places
SELECT fill_users();
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
--> MayFail orders.foreign: requires every row of orders to reference a row of users
