-- given
-- migration
DROP EXTENSION pg_trgm;
-- instead, in words alone
