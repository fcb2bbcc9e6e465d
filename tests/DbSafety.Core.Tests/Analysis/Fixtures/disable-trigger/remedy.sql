-- given
-- migration
ALTER TABLE users DISABLE TRIGGER audit;
-- instead, in words alone
