-- given
-- migration
CREATE RULE r AS ON INSERT TO users DO INSTEAD NOTHING;
-- instead, in words alone
