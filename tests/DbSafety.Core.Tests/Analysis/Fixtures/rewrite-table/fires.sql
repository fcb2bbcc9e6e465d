ALTER TABLE users SET LOGGED;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; SET LOGGED writes users anew
ALTER TABLE app.users SET TABLESPACE fast;
--> Blocking app.users: ACCESS EXCLUSIVE on app.users: blocks reads and writes until the transaction ends; SET TABLESPACE writes app.users anew
