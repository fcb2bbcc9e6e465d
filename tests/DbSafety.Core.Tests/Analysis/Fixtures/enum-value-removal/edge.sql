-- The other order: the new type first, then it takes the name.
CREATE TYPE mood_new AS ENUM ('sad');
ALTER TABLE users ALTER COLUMN mood TYPE mood_new USING mood::text::mood_new;
DROP TYPE mood;
ALTER TYPE mood_new RENAME TO mood;
--> Destructive mood: re-creates enum mood with the values sad: rows with other values make it fail, or lose them
-- Straight in the catalog, which leaves rows that cannot be read.
DELETE FROM pg_catalog.pg_enum WHERE enumlabel = 'sad';
--> Destructive pg_enum: deletes values of enums from the catalog: rows that contain such a value can no longer be read
