ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
--> Breaking users.name: drops NOT NULL of users.name: code that does not expect NULL fails
ALTER TABLE app.users ALTER "Age" DROP NOT NULL;
--> Breaking app.users."Age": drops NOT NULL of app.users."Age": code that does not expect NULL fails
