CREATE TABLE orders (made timestamp, sent timestamp without time zone);
--> Info orders.made: stores orders.made as timestamp, without a time zone: sessions in other time zones read another point in time
--> Info orders.sent: stores orders.sent as timestamp without time zone, without a time zone: sessions in other time zones read another point in time
