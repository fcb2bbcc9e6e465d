ALTER TABLE users DROP CONSTRAINT users_pkey;
--> Breaking users.users_pkey: drops the primary key of users: foreign keys, logical replication and code that use it are affected
ALTER TABLE users ADD PRIMARY KEY (id, shop);
--> Breaking users.primary: adds a primary key to users: foreign keys, logical replication and code that use it are affected
