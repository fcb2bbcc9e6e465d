-- Written at an added column.
ALTER TABLE users ADD COLUMN code text UNIQUE;
--> Blocking users.code: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds constraint users.code and builds its index
ALTER TABLE users ADD UNIQUE (name, email) INCLUDE (age) WITH (fillfactor = 70) DEFERRABLE;
--> Blocking users.unique: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds constraint users.unique and builds its index
