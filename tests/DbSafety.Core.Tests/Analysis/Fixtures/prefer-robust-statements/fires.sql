CREATE TABLE shops (id bigint);
--> Info shops: has no IF NOT EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
ALTER TABLE users ADD COLUMN nick text, DROP COLUMN name;
--> Info users.nick: has no IF NOT EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
--> Info users.name: has no IF EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
DROP TABLE orders;
--> Info orders: has no IF EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
