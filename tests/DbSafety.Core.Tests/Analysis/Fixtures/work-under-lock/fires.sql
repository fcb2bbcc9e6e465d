ALTER TABLE users ADD COLUMN nick text;
UPDATE users SET nick = name;
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; acquired in line 1, before this statement changes rows of users
DELETE FROM orders WHERE total = 0;
