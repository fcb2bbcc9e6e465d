-- given
-- migration
DELETE FROM users;
-- instead, in words alone
