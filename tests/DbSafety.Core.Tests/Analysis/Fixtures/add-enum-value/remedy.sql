-- given
-- migration
ALTER TYPE mood ADD VALUE 'calm';
-- instead, in words alone
