-- given
-- migration
DROP INDEX CONCURRENTLY users_name;
-- instead, in words alone
