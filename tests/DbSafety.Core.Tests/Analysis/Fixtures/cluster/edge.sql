-- The old way to write it.
CLUSTER users_pkey ON users;
--> Blocking users: writes users anew in another order; it can neither be read nor written meanwhile
CLUSTER (VERBOSE) app.users;
--> Blocking app.users: writes app.users anew in another order; it can neither be read nor written meanwhile
