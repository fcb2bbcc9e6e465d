-- given
-- migration
ALTER TABLE users OWNER TO admin;
-- instead, in words alone
