UPDATE users SET name = upper(name);
--> Destructive users: overwrites name in every row of users
WITH x AS (SELECT 1) UPDATE app.users SET (name, email) = ('', '');
--> Destructive app.users: overwrites name, email in every row of app.users
