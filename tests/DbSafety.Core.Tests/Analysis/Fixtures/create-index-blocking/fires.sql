CREATE INDEX users_name ON users (name);
--> Blocking users_name: builds an index on users; nobody can write to it meanwhile
CREATE UNIQUE INDEX IF NOT EXISTS users_email ON app.users USING btree (lower(email)) WHERE email IS NOT NULL;
--> Blocking users_email: builds an index on app.users; nobody can write to it meanwhile
CREATE INDEX ON users (age);
--> Blocking users: builds an index on users; nobody can write to it meanwhile
