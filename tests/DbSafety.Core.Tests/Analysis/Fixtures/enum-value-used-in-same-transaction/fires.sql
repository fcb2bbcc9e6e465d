ALTER TYPE mood ADD VALUE 'calm';
UPDATE users SET mood = 'calm' WHERE id = 1;
--> MayFail mood.calm: uses 'calm', which the same transaction added to mood: PostgreSQL refuses that until it is committed
