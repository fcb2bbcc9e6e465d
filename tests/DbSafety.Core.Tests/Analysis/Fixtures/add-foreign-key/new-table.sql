CREATE TABLE draft (user_id int);
ALTER TABLE draft ADD FOREIGN KEY (user_id) REFERENCES users;
--> Info draft.foreign: requires every row of draft to reference a row of users: the table was created by the same pending migrations
