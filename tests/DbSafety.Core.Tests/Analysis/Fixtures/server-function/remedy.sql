-- given
-- migration
SELECT pg_switch_wal();
-- instead, in words alone
