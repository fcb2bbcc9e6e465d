-- Switched off in words is not switched on.
REINDEX (CONCURRENTLY false) TABLE users;
--> Blocking users: ACCESS EXCLUSIVE on the indexes of users: blocks reads and writes, SHARE on users: blocks writes until the transaction ends; rebuilds the indexes of table users
REINDEX SYSTEM shop;
--> Blocking shop: ACCESS EXCLUSIVE on the tables and indexes of shop: blocks reads and writes until the transaction ends; rebuilds the indexes of system shop
