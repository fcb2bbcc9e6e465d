ALTER TABLE users DROP COLUMN legacy;
--> Destructive users.legacy: drops column users.legacy
ALTER TABLE ONLY app.users DROP COLUMN IF EXISTS "Old Name" CASCADE, DROP nick;
--> Destructive app.users."Old Name": drops column app.users."Old Name"
--> Destructive app.users.nick: drops column app.users.nick
