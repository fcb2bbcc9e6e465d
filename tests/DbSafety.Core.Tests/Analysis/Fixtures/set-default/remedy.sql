-- given
-- migration
ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x';
-- instead, in words alone
