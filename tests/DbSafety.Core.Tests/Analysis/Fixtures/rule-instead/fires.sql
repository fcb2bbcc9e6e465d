CREATE RULE r AS ON INSERT TO users DO INSTEAD NOTHING;
--> Breaking users: creates a rule on users: INSERT on it does something else instead, or nothing
CREATE RULE r AS ON DELETE TO users DO INSTEAD UPDATE users SET gone = true WHERE id = old.id;
--> Breaking users: creates a rule on users: DELETE on it does something else instead, or nothing
