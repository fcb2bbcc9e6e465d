-- Switched off in words is not switched on.
REINDEX (CONCURRENTLY false) TABLE users;
--> Blocking users: builds the indexes of table users anew; nobody can write to the tables meanwhile, and hardly anybody read them
REINDEX SYSTEM shop;
--> Blocking shop: builds the indexes of system shop anew; nobody can write to the tables meanwhile, and hardly anybody read them
