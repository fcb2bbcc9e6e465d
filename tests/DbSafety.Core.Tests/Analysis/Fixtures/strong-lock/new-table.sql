SET lock_timeout = '5s';
CREATE TABLE draft (a int);
ALTER TABLE draft ADD COLUMN b int;
CREATE TABLE notes (user_id int REFERENCES users);
--> Info users: SHARE ROW EXCLUSIVE on users: blocks writes until the transaction ends; changes only the catalog
