ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
--> Blocking users.users_email: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds constraint users.users_email and builds its index
ALTER TABLE users ADD PRIMARY KEY (id);
--> Blocking users.primary: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds constraint users.primary and builds its index
ALTER TABLE rooms ADD CONSTRAINT once EXCLUDE USING gist (room WITH =, during WITH &&);
--> Blocking rooms.once: ACCESS EXCLUSIVE on rooms: blocks reads and writes until the transaction ends; adds constraint rooms.once and builds its index
