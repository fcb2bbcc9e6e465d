-- given
-- migration
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
-- instead, in words alone
