-- given
-- migration
UPDATE users SET name = '' WHERE id = 1;
-- instead, in words alone
