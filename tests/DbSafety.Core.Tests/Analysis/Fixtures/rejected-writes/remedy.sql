-- given
-- migration
ALTER TABLE users ALTER COLUMN id SET GENERATED ALWAYS;
-- instead, in words alone
