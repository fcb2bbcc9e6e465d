-- The old way to write it.
CLUSTER users_pkey ON users;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; rewrites users in index order
CLUSTER (VERBOSE) app.users;
--> Blocking app.users: ACCESS EXCLUSIVE on app.users: blocks reads and writes until the transaction ends; rewrites app.users in index order
