-- The old way to write it.
CLUSTER users_pkey ON users;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; writes users anew in another order
CLUSTER (VERBOSE) app.users;
--> Blocking app.users: ACCESS EXCLUSIVE on app.users: blocks reads and writes until the transaction ends; writes app.users anew in another order
