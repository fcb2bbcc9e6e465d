DROP INDEX users_name;
--> Blocking users_name: drops index users_name: its table can neither be read nor written meanwhile
DROP INDEX IF EXISTS a, app.b;
--> Blocking a: drops index a: its table can neither be read nor written meanwhile
--> Blocking app.b: drops index app.b: its table can neither be read nor written meanwhile
