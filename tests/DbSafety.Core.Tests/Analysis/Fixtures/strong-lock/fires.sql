SET lock_timeout = '5s';
ALTER TABLE users ADD COLUMN nick text;
--> Info users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; changes only the catalog
ALTER TABLE orders DROP CONSTRAINT orders_user;
--> Info orders: ACCESS EXCLUSIVE on orders and the table that it references, if it is a foreign key: blocks reads and writes until the transaction ends; changes only the catalog
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
--> Info orders: SHARE ROW EXCLUSIVE on orders: blocks writes until the transaction ends; changes only the catalog
DROP TABLE app.carts CASCADE;
--> Info app.carts: ACCESS EXCLUSIVE on app.carts and what depends on app.carts: blocks reads and writes until the transaction ends; changes only the catalog
