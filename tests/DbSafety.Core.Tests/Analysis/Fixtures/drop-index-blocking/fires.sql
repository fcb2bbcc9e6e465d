DROP INDEX users_name;
--> Blocking users_name: ACCESS EXCLUSIVE on users_name and the table of index users_name: blocks reads and writes until the transaction ends; drops index users_name
DROP INDEX IF EXISTS a, app.b;
--> Blocking a: ACCESS EXCLUSIVE on a and the table of index a: blocks reads and writes until the transaction ends; drops index a
--> Blocking app.b: ACCESS EXCLUSIVE on app.b and the table of index app.b: blocks reads and writes until the transaction ends; drops index app.b
