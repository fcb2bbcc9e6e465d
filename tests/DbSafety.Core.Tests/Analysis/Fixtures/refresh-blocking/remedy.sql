-- given
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS one;
CREATE UNIQUE INDEX ON totals (one);
-- migration
REFRESH MATERIALIZED VIEW totals;
-- instead
REFRESH MATERIALIZED VIEW CONCURRENTLY totals;
-- then
SELECT relispopulated FROM pg_class WHERE oid = 'totals'::regclass
