-- SET ACCESS METHOD is from PostgreSQL 15 on, SET EXPRESSION from 17.
ALTER TABLE users SET ACCESS METHOD heap;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; SET ACCESS METHOD rewrites users
ALTER TABLE users ALTER COLUMN full_name SET EXPRESSION AS (upper(name));
--> Blocking users.full_name: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; SET EXPRESSION rewrites users
