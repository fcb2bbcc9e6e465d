-- given
-- migration
ALTER TABLE users ADD COLUMN nick text;
-- instead, in words alone
