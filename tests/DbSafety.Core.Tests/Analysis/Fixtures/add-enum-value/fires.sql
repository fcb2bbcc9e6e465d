ALTER TYPE mood ADD VALUE 'calm';
--> Info mood.calm: adds value calm to mood
