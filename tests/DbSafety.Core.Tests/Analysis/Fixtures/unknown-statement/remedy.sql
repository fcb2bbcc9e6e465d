-- given
-- migration
FROBNICATE the_table;
-- instead, in words alone
