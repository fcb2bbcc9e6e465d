CREATE TABLE draft (user_id int);
ALTER TABLE draft ADD FOREIGN KEY (user_id) REFERENCES users;
--> Info draft.foreign: adds foreign key draft.foreign: the table was created by the same pending migrations
