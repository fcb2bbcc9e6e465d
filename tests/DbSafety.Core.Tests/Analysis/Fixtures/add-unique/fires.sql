ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
--> MayFail users.users_email: requires that no two rows of users have the same email
ALTER TABLE users ADD PRIMARY KEY (id);
--> MayFail users.primary: requires that no two rows of users have the same id, and that none is null
CREATE UNIQUE INDEX users_name ON users (lower(name)) WHERE name IS NOT NULL;
--> MayFail users_name: requires that no two rows of users have the same lower(name)
