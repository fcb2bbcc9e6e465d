-- given
-- migration
DROP TRIGGER audit ON users;
-- instead, in words alone
