-- given
-- migration
UPDATE users SET name = upper(name);
-- instead, in words alone
