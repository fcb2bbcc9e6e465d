-- Switched off in words is not switched on.
VACUUM (FULL off) users;
VACUUM (VERBOSE, FULL true) users (name);
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; rewrites users
