-- The WHERE of a subquery is not its own, the one behind it is.
DELETE FROM ONLY users u WHERE u.id IN (SELECT user_id FROM orders WHERE total = 0) RETURNING *;
--> Destructive users: deletes rows of users
DELETE FROM users WHERE CURRENT OF c;
--> Destructive users: deletes rows of users
