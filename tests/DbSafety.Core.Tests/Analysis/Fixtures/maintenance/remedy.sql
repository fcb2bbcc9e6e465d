-- given
-- migration
VACUUM users;
-- instead, in words alone
