ALTER TABLE users RENAME TO people;
--> Breaking users: renames users to people: queries that use the old name fail
ALTER TABLE IF EXISTS app."Old" SET SCHEMA attic;
--> Breaking app."Old": renames app."Old" to attic."Old": queries that use the old name fail
