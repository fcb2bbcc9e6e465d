DROP POLICY own ON users;
--> Breaking users.own: drops policy users.own: roles see other rows of its table from now on, or none
DROP POLICY IF EXISTS "Own rows" ON app.users;
--> Breaking app.users."Own rows": drops policy app.users."Own rows": roles see other rows of its table from now on, or none
