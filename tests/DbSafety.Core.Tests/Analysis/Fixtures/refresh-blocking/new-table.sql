CREATE MATERIALIZED VIEW draft AS SELECT 1 AS one;
REFRESH MATERIALIZED VIEW draft;
--> Info draft: refreshes draft: it was created by the same pending migrations
