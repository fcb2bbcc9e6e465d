ALTER TYPE "Mood" RENAME TO "Mood_old";
--> Breaking "Mood": renames type "Mood" to "Mood_old": casts, functions and clients that use the old name fail
