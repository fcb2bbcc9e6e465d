CREATE RULE r AS ON INSERT TO users DO INSTEAD NOTHING;
--> Breaking users: creates a rule on users: INSERT on it runs the actions of the rule instead, or nothing
CREATE RULE r AS ON DELETE TO users DO INSTEAD UPDATE users SET gone = true WHERE id = old.id;
--> Breaking users: creates a rule on users: DELETE on it runs the actions of the rule instead, or nothing
