-- A condition that every row fits is none.
UPDATE users SET name = NULL WHERE true;
--> Destructive users: overwrites name in every row of users
UPDATE users SET name = NULL WHERE (1 = 1);
--> Destructive users: overwrites name in every row of users
CREATE TABLE draft (id int);
UPDATE draft SET id = 1;
--> Info draft: overwrites id in every row of draft: it fills columns that the same pending migrations created
