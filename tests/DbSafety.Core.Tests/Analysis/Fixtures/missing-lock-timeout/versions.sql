-- Seen on a server of each version: SHARE ROW EXCLUSIVE on the table that a new one points to.
CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users);
--> Blocking users: SHARE ROW EXCLUSIVE on users: blocks writes until the transaction ends; waits for it without a lock_timeout, and queries that arrive while it waits queue behind it
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
