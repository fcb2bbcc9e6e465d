-- given
-- migration
SELECT * FROM users;
-- instead, in words alone
