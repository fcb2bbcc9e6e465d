ALTER TABLE users DROP CONSTRAINT users_email;
--> Breaking users.users_email: drops constraint users.users_email: rows that violate it are accepted
ALTER TABLE app.users DROP CONSTRAINT IF EXISTS "C" CASCADE;
--> Breaking app.users."C": drops constraint app.users."C": rows that violate it are accepted
