CREATE TABLE orders (id int PRIMARY KEY, user_id integer REFERENCES users, note int);
--> Info orders.id: creates key orders.id with type int, whose largest value is 2,147,483,647
--> Info orders.user_id: creates key orders.user_id with type integer, whose largest value is 2,147,483,647
ALTER TABLE orders ADD COLUMN no smallserial;
--> Info orders.no: creates key orders.no with type smallserial, whose largest value is 32,767
