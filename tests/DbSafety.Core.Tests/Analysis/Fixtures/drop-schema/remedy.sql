-- given
CREATE SCHEMA app;
-- migration
DROP SCHEMA app CASCADE;
-- instead
DROP SCHEMA app RESTRICT;
-- then
SELECT to_regnamespace('app') IS NULL
