CREATE OR REPLACE VIEW v AS SELECT * FROM users WHERE age >= 18 WITH LOCAL CHECK OPTION;
--> Breaking v: replaces view v, and specifies a check option: rows that the view does not show are rejected
ALTER SEQUENCE s AS smallint;
--> Breaking s: sets the type of sequence s: inserts fail once it is reached
ALTER TABLE orders ALTER CONSTRAINT orders_user DEFERRABLE INITIALLY IMMEDIATE;
--> Breaking orders: changes a constraint of orders to be checked immediately: writes that satisfy it only at the end of the transaction are rejected
