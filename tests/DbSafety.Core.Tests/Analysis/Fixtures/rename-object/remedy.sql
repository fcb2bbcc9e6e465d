-- given
-- migration
ALTER VIEW v RENAME TO w;
-- instead, in words alone
