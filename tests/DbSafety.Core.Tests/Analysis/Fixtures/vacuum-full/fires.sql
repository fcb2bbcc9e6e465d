VACUUM FULL users;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; writes users anew
VACUUM (FULL, ANALYZE) users, app.orders;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; writes users anew
--> Blocking app.orders: ACCESS EXCLUSIVE on app.orders: blocks reads and writes until the transaction ends; writes app.orders anew
VACUUM FULL;
--> Blocking every table: ACCESS EXCLUSIVE on every table: blocks reads and writes until the transaction ends; writes every table anew
