BEGIN;
--> Breaking statement 1: begins a transaction that the script does not end: it is rolled back, with everything in it, when the session ends, and its locks are held until then
ALTER TABLE users ADD COLUMN nick text;
