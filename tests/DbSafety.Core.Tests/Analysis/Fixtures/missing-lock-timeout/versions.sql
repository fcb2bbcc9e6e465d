-- Seen on a server of each version: SHARE ROW EXCLUSIVE on the table that a new one points to.
CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users);
--> Blocking users: asks for a lock on users and would wait for it without end, and all others behind it
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
