-- As a default it is used too.
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'it''s fine' BEFORE 'sad';
ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'it''s fine';
--> MayFail mood."it's fine": uses 'it's fine', which the same transaction added to mood: PostgreSQL refuses that until it is committed
