ALTER TABLE users ALTER COLUMN name DROP DEFAULT;
--> Breaking users.name: takes the default of users.name away: inserts that leave it out change or fail
ALTER TABLE users ALTER id DROP IDENTITY IF EXISTS;
--> Breaking users.id: takes the identity of users.id away: inserts that leave it out change or fail
ALTER TABLE users ALTER COLUMN name SET DEFAULT NULL;
--> Breaking users.name: takes the default of users.name away: inserts that leave it out change or fail
