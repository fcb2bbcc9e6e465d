CREATE RULE r AS ON INSERT TO users DO ALSO DELETE FROM orders;
--> Destructive users: creates a rule on users: each INSERT on it deletes rows
CREATE OR REPLACE RULE r AS ON UPDATE TO app.users DO INSTEAD DELETE FROM app.users WHERE id = old.id;
--> Destructive app.users: creates a rule on app.users: each UPDATE on it deletes rows
