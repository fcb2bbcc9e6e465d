-- A condition that every row fits is none.
DELETE FROM users WHERE true;
--> Destructive users: deletes all rows of users
DELETE FROM users WHERE 'a' = 'a' RETURNING *;
--> Destructive users: deletes all rows of users
