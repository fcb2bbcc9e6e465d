-- given
-- migration
GRANT SELECT, UPDATE (name) ON users, app.orders TO app;
-- instead, in words alone
