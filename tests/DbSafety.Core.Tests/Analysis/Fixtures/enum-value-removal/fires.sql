ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'happy');
--> Destructive mood: re-creates enum mood with the values sad, happy: rows with other values make it fail, or lose them
