-- NULLS NOT DISTINCT is from PostgreSQL 15 on.
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE NULLS NOT DISTINCT (email);
--> Blocking users.users_email: adds users.users_email and builds its index; the table can neither be read nor written meanwhile
