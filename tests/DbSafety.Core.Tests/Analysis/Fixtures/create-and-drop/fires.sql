CREATE TABLE orders (id int);
ALTER TABLE users ADD COLUMN note text;
DROP TABLE orders;
--> Opaque orders: drops table orders, which the same script creates: if the drop is the script's undo part, the migration has no effect
ALTER TABLE users DROP COLUMN note;
--> Opaque users.note: drops column users.note, which the same script adds: if the drop is the script's undo part, the migration has no effect
