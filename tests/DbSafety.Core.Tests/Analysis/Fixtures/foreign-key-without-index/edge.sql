-- An index of some rows, one that begins with another column, and one that is dropped again.
ALTER TABLE orders ADD CONSTRAINT a FOREIGN KEY (a) REFERENCES shops NOT VALID;
--> Breaking orders.a: adds a foreign key on orders (a) without an index on it: each DELETE in shops reads all rows of orders
CREATE INDEX CONCURRENTLY some ON orders (a) WHERE a > 1;
ALTER TABLE orders ADD CONSTRAINT b FOREIGN KEY (b, c) REFERENCES pairs;
--> Breaking orders.b: adds a foreign key on orders (b, c) without an index on them: each DELETE in pairs reads all rows of orders
CREATE INDEX CONCURRENTLY wrong ON orders (b, d, c);
ALTER TABLE orders ADD CONSTRAINT d FOREIGN KEY (d) REFERENCES pairs;
--> Breaking orders.d: adds a foreign key on orders (d) without an index on it: each DELETE in pairs reads all rows of orders
CREATE INDEX CONCURRENTLY gone ON orders (d);
DROP INDEX gone;
