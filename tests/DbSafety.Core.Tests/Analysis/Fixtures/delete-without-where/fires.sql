DELETE FROM users;
--> Destructive users: deletes all rows of users
WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone;
--> Destructive orders: deletes all rows of orders
EXPLAIN ANALYZE DELETE FROM users;
--> Destructive users: deletes all rows of users
