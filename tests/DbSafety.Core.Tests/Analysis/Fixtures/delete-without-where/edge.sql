-- In CREATE TABLE AS, COPY, PREPARE and loops of PL/pgSQL.
CREATE TABLE kept AS WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone;
--> Destructive orders: deletes all rows of orders
COPY (DELETE FROM orders RETURNING *) TO STDOUT;
--> Destructive orders: deletes all rows of orders
PREPARE p AS DELETE FROM orders;
--> Destructive orders: deletes all rows of orders
DO $$ DECLARE r record; BEGIN FOR r IN DELETE FROM orders RETURNING * LOOP NULL; END LOOP; END $$;
--> Destructive orders: deletes all rows of orders
