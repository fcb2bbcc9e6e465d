ALTER TABLE users DROP CONSTRAINT users_email;
--> Breaking users.users_email: drops constraint users.users_email: what it kept out can come in
ALTER TABLE app.users DROP CONSTRAINT IF EXISTS "C" CASCADE;
--> Breaking app.users."C": drops constraint app.users."C": what it kept out can come in
