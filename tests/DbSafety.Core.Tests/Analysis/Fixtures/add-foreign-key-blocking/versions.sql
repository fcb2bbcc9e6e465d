-- NOT ENFORCED is from PostgreSQL 18 on, and checks nothing.
ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) NOT ENFORCED;
