ALTER TABLE users DROP CONSTRAINT users_pkey;
--> Breaking users.users_pkey: takes the primary key of users away: foreign keys, logical replication and code that finds rows by it are concerned
ALTER TABLE users ADD PRIMARY KEY (id, shop);
--> Breaking users.primary: gives users a primary key: foreign keys, logical replication and code that finds rows by it are concerned
