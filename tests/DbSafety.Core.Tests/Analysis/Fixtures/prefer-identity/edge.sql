ALTER TABLE app.orders ADD COLUMN no SERIAL8;
--> Info app.orders.no: creates app.orders.no with type SERIAL8, whose sequence has privileges of its own
