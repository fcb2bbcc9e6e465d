ALTER TABLE users ADD CONSTRAINT users_email UNIQUE (email);
--> Blocking users.users_email: adds users.users_email and builds its index; the table can neither be read nor written meanwhile
ALTER TABLE users ADD PRIMARY KEY (id);
--> Blocking users.primary: adds users.primary and builds its index; the table can neither be read nor written meanwhile
ALTER TABLE rooms ADD CONSTRAINT once EXCLUDE USING gist (room WITH =, during WITH &&);
--> Blocking rooms.once: adds rooms.once and builds its index; the table can neither be read nor written meanwhile
