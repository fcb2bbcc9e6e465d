-- Switched off in words is not switched on.
REINDEX (CONCURRENTLY false) TABLE users;
--> Blocking users: builds the indexes of table users anew; the tables cannot be written meanwhile
REINDEX SYSTEM shop;
--> Blocking shop: builds the indexes of system shop anew; the tables cannot be written meanwhile
