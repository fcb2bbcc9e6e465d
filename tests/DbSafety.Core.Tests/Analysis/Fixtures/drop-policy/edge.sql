DROP POLICY own ON users RESTRICT;
--> Breaking users.own: drops policy users.own: roles see other rows of its table from now on, or none
