-- Under a name of its own it is known where the set added it.
ALTER TABLE orders ADD CONSTRAINT main PRIMARY KEY USING INDEX orders_idx;
--> Breaking orders.main: gives orders a primary key, reading every row for nulls unless its columns are NOT NULL already: foreign keys, logical replication and code that finds rows by it are concerned
ALTER TABLE orders DROP CONSTRAINT main;
--> Breaking orders.main: takes the primary key of orders away: foreign keys, logical replication and code that finds rows by it are concerned
ALTER TABLE tags ADD COLUMN id bigserial PRIMARY KEY;
--> Breaking tags.id: gives tags a primary key: foreign keys, logical replication and code that finds rows by it are concerned
