TRUNCATE users;
--> Destructive users: empties table users
TRUNCATE TABLE ONLY a, app.b RESTART IDENTITY CASCADE;
--> Destructive a: empties table a and every table that refers to it
--> Destructive app.b: empties table app.b and every table that refers to it
