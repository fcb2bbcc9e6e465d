ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = name;
--> Blocking users: works through users while users is locked since line 1; nobody can read or write users until the transaction ends
DELETE FROM orders WHERE total = 0;
