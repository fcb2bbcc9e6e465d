ALTER TABLE users ADD COLUMN nick text;
--> Info users.nick: adds column users.nick
ALTER TABLE IF EXISTS app.users ADD IF NOT EXISTS "N" int DEFAULT 0;
--> Info app.users."N": adds column app.users."N"
