-- given
-- migration
BEGIN;
-- instead, in words alone
