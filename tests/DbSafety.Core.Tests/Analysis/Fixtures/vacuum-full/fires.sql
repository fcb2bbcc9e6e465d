VACUUM FULL users;
--> Blocking users: writes users anew; it can neither be read nor written meanwhile
VACUUM (FULL, ANALYZE) users, app.orders;
--> Blocking users: writes users anew; it can neither be read nor written meanwhile
--> Blocking app.orders: writes app.orders anew; it can neither be read nor written meanwhile
VACUUM FULL;
--> Blocking every table: writes every table anew; it can neither be read nor written meanwhile
