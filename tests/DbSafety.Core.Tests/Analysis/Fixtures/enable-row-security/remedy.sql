-- given
-- migration
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
-- instead, in words alone
