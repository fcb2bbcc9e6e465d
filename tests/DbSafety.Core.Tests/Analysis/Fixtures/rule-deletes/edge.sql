-- One action of several, and beside the DELETE that was meant.
CREATE RULE r AS ON INSERT TO users WHERE new.id > 1 DO (UPDATE orders SET id = 1; DELETE FROM orders);
--> Destructive users: creates a rule on users: each INSERT on it deletes rows
CREATE RULE r AS ON DELETE TO users DO ALSO DELETE FROM orders WHERE user_id = old.id;
--> Destructive users: creates a rule on users: each DELETE on it deletes rows
