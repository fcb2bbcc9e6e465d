-- given
-- migration
ALTER TABLE users OWNER TO app;
-- instead, in words alone
