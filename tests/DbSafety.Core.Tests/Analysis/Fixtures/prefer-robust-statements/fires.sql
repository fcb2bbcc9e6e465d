CREATE TABLE shops (id bigint);
--> Info shops: has no IF NOT EXISTS: outside a transaction, the script cannot be run again after a later statement fails
ALTER TABLE users ADD COLUMN nick text, DROP COLUMN name;
--> Info users.nick: has no IF NOT EXISTS: outside a transaction, the script cannot be run again after a later statement fails
--> Info users.name: has no IF EXISTS: outside a transaction, the script cannot be run again after a later statement fails
DROP TABLE orders;
--> Info orders: has no IF EXISTS: outside a transaction, the script cannot be run again after a later statement fails
