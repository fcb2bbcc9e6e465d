REINDEX TABLE users;
--> Blocking users: builds the indexes of table users anew; the tables cannot be written meanwhile
REINDEX INDEX app.users_name;
--> Blocking app.users_name: builds index app.users_name anew; the tables cannot be written meanwhile
REINDEX (VERBOSE) SCHEMA app;
--> Blocking app: builds the indexes of schema app anew; the tables cannot be written meanwhile
REINDEX DATABASE shop;
--> Blocking shop: builds the indexes of database shop anew; the tables cannot be written meanwhile
