ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
--> Breaking users.name: lets users.name be null: code that does not expect it fails on the first one
ALTER TABLE app.users ALTER "Age" DROP NOT NULL;
--> Breaking app.users."Age": lets app.users."Age" be null: code that does not expect it fails on the first one
