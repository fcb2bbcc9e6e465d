CREATE INDEX users_name ON users (name);
--> Blocking users_name: SHARE on users: blocks writes until the transaction ends; builds an index on users
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON app.users USING btree (lower(email)) WHERE email IS NOT NULL;
--> Blocking users_email: SHARE on app.users: blocks writes until the transaction ends; builds an index on app.users
CREATE INDEX ON users (age);
--> Blocking users: SHARE on users: blocks writes until the transaction ends; builds an index on users
