ALTER FOREIGN TABLE remote RENAME TO far;
--> Breaking remote: renames remote to far: queries that use the old name fail
-- An updatable view takes the old name in the same transaction.
BEGIN;
ALTER TABLE users RENAME TO people;
--> Info users: renames users to people: the same transaction creates an updatable view with the old name
CREATE VIEW users AS SELECT * FROM people;
COMMIT;
BEGIN;
ALTER TABLE orders SET SCHEMA attic;
--> Info orders: renames orders to attic.orders: the same transaction creates an updatable view with the old name
CREATE VIEW orders AS SELECT * FROM attic.orders;
COMMIT;
-- Not all rows, not the same table, not the same transaction.
BEGIN;
ALTER TABLE carts RENAME TO baskets;
--> Breaking carts: renames carts to baskets: queries that use the old name fail
CREATE VIEW carts AS SELECT * FROM baskets WHERE id > 5;
COMMIT;
ALTER TABLE shops RENAME TO stores;
--> Breaking shops: renames shops to stores: queries that use the old name fail
CREATE VIEW shops AS SELECT * FROM stores;
