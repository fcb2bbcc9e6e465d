-- given
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text);
-- migration
ALTER TABLE orders ALTER COLUMN total TYPE smallint;
-- instead
ALTER TABLE orders ADD COLUMN total_new smallint;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'total_new')
