CREATE OR REPLACE RULE r AS ON UPDATE TO app.users WHERE new.id > 1 DO INSTEAD (INSERT INTO log VALUES (1); NOTIFY users);
--> Breaking app.users: creates a rule on app.users: UPDATE on it runs the actions of the rule instead, or nothing
