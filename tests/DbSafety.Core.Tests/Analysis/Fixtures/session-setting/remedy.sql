-- given
-- migration
SET lock_timeout = '5s';
-- instead, in words alone
