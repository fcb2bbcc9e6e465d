-- given
-- migration
LOCK TABLE users;
-- instead, in words alone
