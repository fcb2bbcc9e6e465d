-- given
-- migration
ALTER TYPE mood RENAME TO feeling;
-- instead, in words alone
