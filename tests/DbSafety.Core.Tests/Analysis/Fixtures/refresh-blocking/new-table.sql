CREATE MATERIALIZED VIEW draft AS SELECT 1 AS one;
REFRESH MATERIALIZED VIEW draft;
--> Info draft: computes draft anew: it was made by the same pending migrations
