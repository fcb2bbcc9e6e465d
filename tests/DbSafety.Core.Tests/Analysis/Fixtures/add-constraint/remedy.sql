-- given
-- migration
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
-- instead, in words alone
