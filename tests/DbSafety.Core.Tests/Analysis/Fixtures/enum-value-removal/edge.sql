-- The other order: the new type first, then it takes the name.
CREATE TYPE mood_new AS ENUM ('sad');
ALTER TABLE users ALTER COLUMN mood TYPE mood_new USING mood::text::mood_new;
DROP TYPE mood;
ALTER TYPE mood_new RENAME TO mood;
--> Destructive mood: makes enum mood anew with the values sad: rows that hold another one stand in the way, or lose it
-- Straight in the catalog, which leaves rows that cannot be read.
DELETE FROM pg_catalog.pg_enum WHERE enumlabel = 'sad';
--> Destructive pg_enum: deletes values of enums from the catalog: rows that hold one can no longer be read
