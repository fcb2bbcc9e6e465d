DROP POLICY own ON users;
--> Breaking users.own: drops policy users.own: roles see different rows of its table, or no rows
DROP POLICY IF EXISTS "Own rows" ON app.users;
--> Breaking app.users."Own rows": drops policy app.users."Own rows": roles see different rows of its table, or no rows
