-- given
-- migration
DROP POLICY own ON users;
-- instead, in words alone
