-- NULLS NOT DISTINCT is from PostgreSQL 15 on.
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE NULLS NOT DISTINCT (email);
--> Blocking users.users_email: ACCESS EXCLUSIVE on users: blocks reads and writes until the statement ends; adds constraint users.users_email and builds its index
