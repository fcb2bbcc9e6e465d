-- A column that is called column.
ALTER TABLE users ALTER COLUMN "column" DROP NOT NULL, ALTER name DROP NOT NULL;
--> Breaking users.column: lets users.column be null: code that does not expect it fails on the first one
--> Breaking users.name: lets users.name be null: code that does not expect it fails on the first one
