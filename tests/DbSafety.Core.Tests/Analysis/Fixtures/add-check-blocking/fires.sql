ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18);
--> Blocking users.adult: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds check users.adult and checks every row
ALTER TABLE users ADD CHECK (name <> '');
--> Blocking users.check: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds check users.check and checks every row
