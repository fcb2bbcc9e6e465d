CREATE TABLE draft (id int PRIMARY KEY, user_id int REFERENCES users, shop int, FOREIGN KEY (shop) REFERENCES shops);
--> Info draft.user_id: adds a foreign key on draft (user_id) without an index on it: each DELETE in users reads all rows of draft: the table was created by the same pending migrations
--> Info draft.shop: adds a foreign key on draft (shop) without an index on it: each DELETE in shops reads all rows of draft: the table was created by the same pending migrations
ALTER TABLE draft ADD COLUMN note_id int REFERENCES notes;
--> Info draft.note_id: adds a foreign key on draft (note_id) without an index on it: each DELETE in notes reads all rows of draft: the table was created by the same pending migrations
