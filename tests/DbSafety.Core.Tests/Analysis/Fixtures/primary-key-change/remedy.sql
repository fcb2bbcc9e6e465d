-- given
-- migration
ALTER TABLE users DROP CONSTRAINT users_pkey;
-- instead, in words alone
