-- DROP EXPRESSION is from PostgreSQL 13 on.
ALTER TABLE users ALTER COLUMN full_name DROP EXPRESSION;
--> Breaking users.full_name: takes the expression of users.full_name away: inserts that leave it out change or fail
