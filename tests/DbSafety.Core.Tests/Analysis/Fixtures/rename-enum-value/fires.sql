ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
--> Breaking mood.sad: renames 'sad' of mood to 'blue': code that reads or writes the old value fails
