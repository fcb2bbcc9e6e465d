-- given
-- migration
CALL clean_up();
-- instead, in words alone
