CREATE TABLE draft (user_id int);
ALTER TABLE draft ADD FOREIGN KEY (user_id) REFERENCES users;
--> Info draft.foreign: requires that every row of draft points to a row of users: the table was made by the same pending migrations
