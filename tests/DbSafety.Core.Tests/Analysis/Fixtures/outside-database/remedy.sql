-- given
-- migration
CREATE ROLE reader LOGIN;
-- instead, in words alone
