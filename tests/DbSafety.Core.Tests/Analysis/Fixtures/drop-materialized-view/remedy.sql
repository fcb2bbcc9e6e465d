-- given
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS one;
-- migration
DROP MATERIALIZED VIEW totals;
-- instead
ALTER MATERIALIZED VIEW totals RENAME TO totals_old;
-- then
SELECT to_regclass('totals') IS NULL AND to_regclass('totals_old') IS NOT NULL
