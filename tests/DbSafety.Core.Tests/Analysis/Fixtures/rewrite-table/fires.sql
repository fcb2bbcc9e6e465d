ALTER TABLE users SET LOGGED;
--> Blocking users: SET LOGGED writes users anew; it can neither be read nor written meanwhile
ALTER TABLE app.users SET TABLESPACE fast;
--> Blocking app.users: SET TABLESPACE writes app.users anew; it can neither be read nor written meanwhile
