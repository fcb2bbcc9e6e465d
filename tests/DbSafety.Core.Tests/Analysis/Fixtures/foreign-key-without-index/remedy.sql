-- given
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int);
-- migration
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
-- instead
CREATE INDEX CONCURRENTLY ON orders (user_id);
-- then
SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = 'orders'::regclass AND NOT indisprimary AND indisvalid)
