ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'happy');
--> Destructive mood: makes enum mood anew with the values sad, happy: rows that hold another one stand in the way, or lose it
