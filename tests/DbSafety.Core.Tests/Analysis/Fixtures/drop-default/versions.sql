-- DROP EXPRESSION is from PostgreSQL 13 on.
ALTER TABLE users ALTER COLUMN full_name DROP EXPRESSION;
--> Breaking users.full_name: drops the expression of users.full_name: inserts that omit it store NULL or fail
