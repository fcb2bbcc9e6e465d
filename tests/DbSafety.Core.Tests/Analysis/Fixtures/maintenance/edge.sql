EXPLAIN DELETE FROM users;
--> Info statement 1: changes no rows (EXPLAIN)
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
--> Info totals: refreshes totals without blocking reads
LISTEN news;
--> Info statement 3: changes no rows (LISTEN)
