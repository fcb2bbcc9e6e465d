CREATE TABLE draft (a int);
ALTER TABLE draft DISABLE ROW LEVEL SECURITY;
--> Info draft: switches row security of draft off: the table was made by the same pending migrations
