CLUSTER users USING users_pkey;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; rewrites users in index order
CLUSTER;
--> Blocking every table: ACCESS EXCLUSIVE on every table: blocks reads and writes until the transaction ends; rewrites every table in index order
