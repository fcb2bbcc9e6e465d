-- The WHERE of a subquery is not its own.
UPDATE users SET name = (SELECT 'x' WHERE true);
--> Destructive users: overwrites name in every row of users
-- IS DISTINCT FROM is no FROM of the statement.
UPDATE users SET changed = name IS DISTINCT FROM email;
--> Destructive users: overwrites changed in every row of users
