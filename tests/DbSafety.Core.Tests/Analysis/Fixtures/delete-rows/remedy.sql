-- given
-- migration
DELETE FROM users WHERE age < 18;
-- instead, in words alone
