-- given
-- migration
DROP PUBLICATION feed;
-- instead, in words alone
