-- With IF NOT EXISTS it may drop an old one.
CREATE TABLE IF NOT EXISTS kept (id int);
DROP TABLE IF EXISTS kept;
--> Opaque kept: drops table kept, which the same script creates: if the drop is the script's undo part, the migration has no effect
-- In another order nothing is undone.
DROP TABLE other;
CREATE TABLE other (id int);
