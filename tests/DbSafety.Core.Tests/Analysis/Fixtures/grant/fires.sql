GRANT SELECT, UPDATE (name) ON users, app.orders TO app;
--> Info users: gives rights on table users
--> Info app.orders: gives rights on table app.orders
GRANT admin TO app;
--> Info admin: gives rights on role admin
