REINDEX TABLE users;
--> Blocking users: builds the indexes of table users anew; nobody can write to the tables meanwhile, and hardly anybody read them
REINDEX INDEX app.users_name;
--> Blocking app.users_name: builds index app.users_name anew; nobody can write to the tables meanwhile, and hardly anybody read them
REINDEX (VERBOSE) SCHEMA app;
--> Blocking app: builds the indexes of schema app anew; nobody can write to the tables meanwhile, and hardly anybody read them
REINDEX DATABASE shop;
--> Blocking shop: builds the indexes of database shop anew; nobody can write to the tables meanwhile, and hardly anybody read them
