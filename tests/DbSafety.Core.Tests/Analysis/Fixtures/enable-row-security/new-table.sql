CREATE TABLE draft (a int);
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
--> Info draft: switches row security of draft on: the table was made by the same pending migrations
