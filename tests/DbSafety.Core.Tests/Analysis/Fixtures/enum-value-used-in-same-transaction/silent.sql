ALTER TYPE mood ADD VALUE 'calm';
COMMIT;
UPDATE users SET mood = 'calm' WHERE id = 1;
ALTER TYPE mood ADD VALUE 'cross';
UPDATE users SET mood = 'sad' WHERE id = 1;
