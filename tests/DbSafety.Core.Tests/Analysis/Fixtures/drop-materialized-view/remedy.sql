-- given
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS one;
-- migration
DROP MATERIALIZED VIEW totals;
-- instead
ALTER MATERIALIZED VIEW totals RENAME TO totals_old;
