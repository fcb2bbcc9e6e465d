-- Another table's rows keep the first one locked as well, and all of them are named.
ALTER TABLE users ADD COLUMN nick text;
ALTER TABLE orders ADD CONSTRAINT paid CHECK (total > 0) NOT VALID;
INSERT INTO log SELECT id FROM events;
--> Blocking events: ACCESS EXCLUSIVE on users and orders: blocks reads and writes until the transaction ends; acquired in line 2, before this statement reads rows of events
COMMIT;
BEGIN;
ALTER TABLE users ADD COLUMN rank int;
SELECT count(*) FROM orders;
--> Blocking orders: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 8, before this statement reads rows of orders
COMMIT;
BEGIN;
ALTER TABLE users ADD COLUMN score int;
DO $$ BEGIN FOR i IN 1..10 LOOP UPDATE orders SET total = i WHERE id = i; END LOOP; END $$;
--> Blocking statement 11: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 13, before this statement runs a DO block
COMMIT;
BEGIN;
ALTER TABLE users ADD COLUMN code int;
CREATE INDEX orders_total ON orders (total);
--> Blocking orders: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 18, before this statement builds an index on orders
COMMIT;
BEGIN;
DO $$ BEGIN ALTER TABLE users ADD COLUMN x int; END $$;
CREATE TABLE copies AS WITH old AS (SELECT * FROM orders) SELECT * FROM old;
--> Blocking orders: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 23, before this statement reads rows of orders
COMMIT;
BEGIN;
ALTER TABLE users ADD COLUMN y int;
PREPARE TRANSACTION 'later';
--> Blocking statement 23: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 28, before this statement leaves the transaction prepared, which holds them until COMMIT PREPARED or ROLLBACK PREPARED
