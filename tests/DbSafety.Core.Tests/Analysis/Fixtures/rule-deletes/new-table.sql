CREATE TABLE draft (id int);
CREATE RULE r AS ON INSERT TO draft DO ALSO DELETE FROM users;
--> Destructive draft: creates a rule on draft: each INSERT on it deletes rows
