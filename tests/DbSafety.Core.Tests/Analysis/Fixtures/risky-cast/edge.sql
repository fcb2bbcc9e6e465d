-- An enum of the set takes its own values alone.
CREATE TYPE mood_new AS ENUM ('sad');
ALTER TABLE users ALTER COLUMN mood TYPE mood_new USING mood::text::mood_new;
--> MayFail users.mood: converts the values of users.mood to mood_new; fails if one of them cannot be converted
