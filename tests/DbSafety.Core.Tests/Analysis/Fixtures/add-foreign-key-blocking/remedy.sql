-- given
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text);
-- migration
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
-- instead
ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
COMMIT;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;
-- then
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_user_id_fkey' AND confrelid = 'users'::regclass AND convalidated)
