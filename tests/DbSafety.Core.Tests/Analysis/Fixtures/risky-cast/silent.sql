ALTER TABLE orders ALTER COLUMN total TYPE text;
ALTER TABLE orders ALTER COLUMN total TYPE varchar;
ALTER TABLE orders ADD COLUMN n int;
