ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> Blocking users.email: makes users.email NOT NULL and reads every row; nobody can read or write users meanwhile
ALTER TABLE ONLY app.users ALTER "Age" SET NOT NULL;
--> Blocking app.users."Age": makes app.users."Age" NOT NULL and reads every row; nobody can read or write app.users meanwhile
-- Seen on a server: an index that is taken over spares the build, not the look for nulls.
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id;
--> Blocking users: makes the columns of index users_id NOT NULL and, where one is not yet, reads every row; nobody can read or write users meanwhile
-- Seen on a server: SHARE locks on every table with a column of the domain.
ALTER DOMAIN email SET NOT NULL;
--> Blocking email: makes domain email NOT NULL and reads every row of the tables that use it; nobody can write to them meanwhile
