CREATE MATERIALIZED VIEW draft AS SELECT 1 AS one;
DROP MATERIALIZED VIEW draft;
--> Info draft: drops materialized view draft: it was created by the same pending migrations
