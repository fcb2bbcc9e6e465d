-- Whatever else is said of it.
ALTER TABLE orders DROP CONSTRAINT orders_user;
--> Blocking orders: ACCESS EXCLUSIVE on orders and the table that it references, if it is a foreign key: blocks reads and writes until the transaction ends; waits for it without a lock_timeout, and queries that arrive while it waits queue behind it
ALTER TABLE orders RENAME TO purchases;
