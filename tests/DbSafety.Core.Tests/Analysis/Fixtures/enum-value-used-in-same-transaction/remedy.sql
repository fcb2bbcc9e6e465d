-- given
-- migration
ALTER TYPE mood ADD VALUE 'calm';
UPDATE users SET mood = 'calm' WHERE id = 1;
-- instead, in words alone
