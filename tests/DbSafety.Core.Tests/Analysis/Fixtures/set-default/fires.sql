ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x';
--> Info users.name: sets the default of users.name to 'x'
