-- A column that is called column.
ALTER TABLE users ALTER COLUMN "column" DROP NOT NULL, ALTER name DROP NOT NULL;
--> Breaking users.column: drops NOT NULL of users.column: code that does not expect NULL fails
--> Breaking users.name: drops NOT NULL of users.name: code that does not expect NULL fails
