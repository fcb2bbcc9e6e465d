DROP POLICY own ON users RESTRICT;
--> Breaking users.own: drops policy users.own: roles see different rows of its table, or no rows
