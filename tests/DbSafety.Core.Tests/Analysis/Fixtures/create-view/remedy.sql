-- given
-- migration
CREATE VIEW v AS SELECT 1;
-- instead, in words alone
