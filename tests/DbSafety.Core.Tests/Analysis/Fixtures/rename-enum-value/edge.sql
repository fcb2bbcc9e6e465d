ALTER TYPE app.mood RENAME VALUE 'it''s' TO 'O''Brien';
--> Breaking app.mood."it's": renames 'it's' of app.mood to 'O'Brien': code that reads or writes the old value fails
