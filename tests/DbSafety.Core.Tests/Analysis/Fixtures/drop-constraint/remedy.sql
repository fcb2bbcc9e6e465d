-- given
-- migration
ALTER TABLE users DROP CONSTRAINT users_email;
-- instead, in words alone
