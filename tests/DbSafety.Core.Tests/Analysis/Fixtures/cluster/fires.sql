CLUSTER users USING users_pkey;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; writes users anew in another order
CLUSTER;
--> Blocking every table: ACCESS EXCLUSIVE on every table: blocks reads and writes until the transaction ends; writes every table anew in another order
