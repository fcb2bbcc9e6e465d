-- given
-- migration
ALTER TABLE users ALTER COLUMN name DROP DEFAULT;
-- instead, in words alone
