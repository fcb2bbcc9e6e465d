-- given
-- migration
ALTER TABLE users SET LOGGED;
-- instead, in words alone
