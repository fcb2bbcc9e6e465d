-- given
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text);
-- migration
ALTER TABLE orders ALTER COLUMN note TYPE int USING note::int;
-- instead
ALTER TABLE orders ADD COLUMN note_new int;
-- then
SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'note_new')
