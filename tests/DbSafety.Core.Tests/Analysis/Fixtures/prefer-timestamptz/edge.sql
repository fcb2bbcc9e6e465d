-- With a precision, and as a change of type.
ALTER TABLE orders ADD COLUMN seen TIMESTAMP(3), ALTER COLUMN made TYPE timestamp (0) without time zone;
--> Info orders.seen: stores orders.seen as TIMESTAMP(3), without a time zone: sessions in other time zones read another point in time
--> Info orders.made: stores orders.made as timestamp (0) without time zone, without a time zone: sessions in other time zones read another point in time
