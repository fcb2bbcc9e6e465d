REINDEX TABLE users;
--> Blocking users: ACCESS EXCLUSIVE on the indexes of users: blocks reads and writes, SHARE on users: blocks writes until the transaction ends; rebuilds the indexes of table users
REINDEX INDEX app.users_name;
--> Blocking app.users_name: ACCESS EXCLUSIVE on app.users_name: blocks reads and writes, SHARE on the table of index app.users_name: blocks writes until the transaction ends; rebuilds index app.users_name
REINDEX (VERBOSE) SCHEMA app;
--> Blocking app: ACCESS EXCLUSIVE on the tables and indexes of app: blocks reads and writes until the transaction ends; rebuilds the indexes of schema app
REINDEX DATABASE shop;
--> Blocking shop: ACCESS EXCLUSIVE on the tables and indexes of shop: blocks reads and writes until the transaction ends; rebuilds the indexes of database shop
