-- Under a name of its own it is known where the set added it.
ALTER TABLE orders ADD CONSTRAINT main PRIMARY KEY USING INDEX orders_idx;
--> Breaking orders.main: adds a primary key to orders, and reads every row unless its columns are NOT NULL already: foreign keys, logical replication and code that use it are affected
ALTER TABLE orders DROP CONSTRAINT main;
--> Breaking orders.main: drops the primary key of orders: foreign keys, logical replication and code that use it are affected
ALTER TABLE tags ADD COLUMN id bigserial PRIMARY KEY;
--> Breaking tags.id: adds a primary key to tags: foreign keys, logical replication and code that use it are affected
