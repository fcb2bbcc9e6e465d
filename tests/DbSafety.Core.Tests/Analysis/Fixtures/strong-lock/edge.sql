SET lock_timeout = '5s';
-- The rule about the index names the lock, the new column's lock is the same and said once.
CREATE INDEX users_name ON users (name);
ALTER TABLE users ADD COLUMN nick text, ADD COLUMN age int;
--> Info users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; changes only the catalog
-- Which table the foreign key points to is known where the set added it.
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
--> Info orders: SHARE ROW EXCLUSIVE on orders and users: blocks writes until the transaction ends; changes only the catalog
ALTER TABLE orders DROP CONSTRAINT orders_user;
--> Info orders: ACCESS EXCLUSIVE on orders and users: blocks reads and writes until the transaction ends; changes only the catalog
DO $$ BEGIN ALTER TABLE users DROP COLUMN legacy; END $$;
--> Info users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; changes only the catalog
