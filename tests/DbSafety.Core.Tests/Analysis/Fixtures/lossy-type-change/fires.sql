ALTER TABLE orders ALTER COLUMN total TYPE int;
--> Destructive orders.total: converts orders.total to int; values lose digits after the decimal point
ALTER TABLE orders ALTER total SET DATA TYPE numeric(10, 2) USING total::numeric;
--> Destructive orders.total: converts orders.total to numeric(10, 2); values lose digits after the decimal point beyond the first 2
ALTER TABLE orders ALTER COLUMN note TYPE varchar(20) USING note::varchar(20);
--> Destructive orders.note: converts orders.note to varchar(20); values lose characters beyond the first 20
ALTER TABLE orders ALTER COLUMN made TYPE date;
--> Destructive orders.made: converts orders.made to date; values lose the time of day
ALTER TABLE orders ALTER COLUMN made TYPE timestamp(3) without time zone;
--> Destructive orders.made: converts orders.made to timestamp(3) without time zone; values lose the time zone and digits of the seconds beyond the first 3
ALTER TABLE orders ALTER COLUMN data TYPE jsonb USING data::jsonb;
--> Destructive orders.data: converts orders.data to jsonb; values lose duplicate keys, the order of keys and white space
