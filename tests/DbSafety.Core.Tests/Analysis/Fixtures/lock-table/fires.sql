LOCK TABLE users;
--> Blocking users: locks users until the transaction ends; nobody can read or write it meanwhile
LOCK app.users, orders IN SHARE ROW EXCLUSIVE MODE NOWAIT;
--> Blocking app.users: locks app.users until the transaction ends; nobody can write to it meanwhile
--> Blocking orders: locks orders until the transaction ends; nobody can write to it meanwhile
