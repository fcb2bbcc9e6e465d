ALTER TABLE users ALTER COLUMN email SET NOT NULL;
--> Blocking users.email: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; sets users.email NOT NULL and reads every row
ALTER TABLE ONLY app.users ALTER "Age" SET NOT NULL;
--> Blocking app.users."Age": ACCESS EXCLUSIVE on app.users: blocks reads and writes until the transaction ends; sets app.users."Age" NOT NULL and reads every row
-- Seen on a server: an index that is taken over spares the build, not the look for nulls.
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_id;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; sets the columns of index users_id NOT NULL and reads every row if one of them allows NULL
-- Seen on a server: SHARE locks on every table with a column of the domain.
ALTER DOMAIN email SET NOT NULL;
--> Blocking email: SHARE on the tables that use email: blocks writes until the transaction ends; sets domain email NOT NULL and reads every row of the tables that use it
