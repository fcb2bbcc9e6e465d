-- given
-- migration
DROP VIEW v;
-- instead, in words alone
