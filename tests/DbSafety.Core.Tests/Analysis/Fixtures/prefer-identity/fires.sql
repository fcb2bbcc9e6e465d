CREATE TABLE orders (id serial PRIMARY KEY, no bigserial);
--> Info orders.id: creates orders.id with type serial, whose sequence has privileges of its own
--> Info orders.no: creates orders.no with type bigserial, whose sequence has privileges of its own
