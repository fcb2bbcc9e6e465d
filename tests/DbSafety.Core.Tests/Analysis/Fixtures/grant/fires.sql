GRANT SELECT, UPDATE (name) ON users, app.orders TO app;
--> Info users: grants privileges on table users
--> Info app.orders: grants privileges on table app.orders
GRANT admin TO app;
--> Info admin: grants privileges on role admin
