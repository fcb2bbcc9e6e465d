ALTER TABLE users RENAME TO people;
--> Breaking users: renames users to people: code that uses the old name fails
ALTER TABLE IF EXISTS app."Old" SET SCHEMA attic;
--> Breaking app."Old": renames app."Old" to attic."Old": code that uses the old name fails
