-- given
-- migration
DROP DATABASE shop;
-- instead, in words alone
