LOCK TABLE users;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; locks users explicitly
LOCK app.users, orders IN SHARE ROW EXCLUSIVE MODE NOWAIT;
--> Blocking app.users: SHARE ROW EXCLUSIVE on app.users: blocks writes until the transaction ends; locks app.users explicitly
--> Blocking orders: SHARE ROW EXCLUSIVE on orders: blocks writes until the transaction ends; locks orders explicitly
