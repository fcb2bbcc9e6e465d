-- given
-- migration
TRUNCATE users;
-- instead, in words alone
