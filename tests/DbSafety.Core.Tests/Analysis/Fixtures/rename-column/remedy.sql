-- given
-- migration
ALTER TABLE users RENAME COLUMN name TO full_name;
-- instead, in words alone
