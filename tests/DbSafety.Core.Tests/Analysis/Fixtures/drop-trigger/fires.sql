DROP TRIGGER audit ON users;
--> Breaking users.audit: drops trigger users.audit: it no longer fires
DROP TRIGGER IF EXISTS "T" ON app.users CASCADE;
--> Breaking app.users."T": drops trigger app.users."T": it no longer fires
