ALTER TABLE users SET LOGGED;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; SET LOGGED rewrites users
ALTER TABLE app.users SET TABLESPACE fast;
--> Blocking app.users: ACCESS EXCLUSIVE on app.users: blocks reads and writes until the transaction ends; SET TABLESPACE rewrites app.users
