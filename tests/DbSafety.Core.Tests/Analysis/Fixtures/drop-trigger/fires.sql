DROP TRIGGER audit ON users;
--> Breaking users.audit: drops trigger users.audit: what it did happens no more
DROP TRIGGER IF EXISTS "T" ON app.users CASCADE;
--> Breaking app.users."T": drops trigger app.users."T": what it did happens no more
