-- given
-- migration
SELECT clean_up();
-- instead, in words alone
