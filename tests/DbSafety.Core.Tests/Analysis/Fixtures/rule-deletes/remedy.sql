-- given
-- migration
CREATE RULE r AS ON INSERT TO users DO ALSO DELETE FROM orders;
-- instead, in words alone
