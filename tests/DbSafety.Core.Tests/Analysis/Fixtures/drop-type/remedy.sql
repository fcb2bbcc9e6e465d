-- given
-- migration
DROP TYPE mood;
-- instead, in words alone
