ALTER TABLE users ALTER COLUMN name DROP DEFAULT;
--> Breaking users.name: drops the default of users.name: inserts that omit it store NULL or fail
ALTER TABLE users ALTER id DROP IDENTITY IF EXISTS;
--> Breaking users.id: drops the identity of users.id: inserts that omit it store NULL or fail
ALTER TABLE users ALTER COLUMN name SET DEFAULT NULL;
--> Breaking users.name: drops the default of users.name: inserts that omit it store NULL or fail
