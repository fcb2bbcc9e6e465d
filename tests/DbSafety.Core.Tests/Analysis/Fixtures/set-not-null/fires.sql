ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> MayFail users.email: requires a value in users.email, and reads every row while nobody else can read or write
ALTER TABLE ONLY app.users ALTER "Age" SET NOT NULL;
--> MayFail app.users."Age": requires a value in app.users."Age", and reads every row while nobody else can read or write
