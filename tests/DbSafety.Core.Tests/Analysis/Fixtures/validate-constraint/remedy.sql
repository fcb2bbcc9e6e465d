-- given
-- migration
ALTER TABLE users VALIDATE CONSTRAINT adult;
-- instead, in words alone
