ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> MayFail users.email: requires a value in every row of users.email
ALTER TABLE ONLY app.users ALTER "Age" SET NOT NULL;
--> MayFail app.users."Age": requires a value in every row of app.users."Age"
