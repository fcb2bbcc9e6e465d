CREATE TABLE draft (a int);
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
--> Info draft: switches row security of draft on: roles that no policy admits see no row any more: the table was made by the same pending migrations
