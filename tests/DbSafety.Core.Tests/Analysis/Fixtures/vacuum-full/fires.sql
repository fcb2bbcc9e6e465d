VACUUM FULL users;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; rewrites users
VACUUM (FULL, ANALYZE) users, app.orders;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; rewrites users
--> Blocking app.orders: ACCESS EXCLUSIVE on app.orders: blocks reads and writes until the transaction ends; rewrites app.orders
VACUUM FULL;
--> Blocking every table: ACCESS EXCLUSIVE on every table: blocks reads and writes until the transaction ends; rewrites every table
