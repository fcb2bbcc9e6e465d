EXPLAIN DELETE FROM users;
--> Info statement 1: changes no rows (EXPLAIN)
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
--> Info totals: computes totals anew while it can be read
LISTEN news;
--> Info statement 3: changes no rows (LISTEN)
