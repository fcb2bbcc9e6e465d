-- given
-- migration
ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
-- instead, in words alone
