-- given
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total int, note text);
-- migration
ALTER TABLE orders ALTER COLUMN note TYPE int USING note::int;
-- instead
ALTER TABLE orders ADD COLUMN note_new int;
