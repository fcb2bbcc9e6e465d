TRUNCATE users;
--> Destructive users: truncates table users
TRUNCATE TABLE ONLY a, app.b RESTART IDENTITY CASCADE;
--> Destructive a: truncates table a and every table that references it
--> Destructive app.b: truncates table app.b and every table that references it
