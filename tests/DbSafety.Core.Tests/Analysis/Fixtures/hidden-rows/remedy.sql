-- given
-- migration
ALTER TABLE users FORCE ROW LEVEL SECURITY;
-- instead, in words alone
