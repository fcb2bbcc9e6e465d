CREATE TABLE draft (a int);
ALTER TABLE draft DISABLE ROW LEVEL SECURITY;
--> Info draft: switches row security of draft off: all its rows can be seen by everyone with a right to it: the table was made by the same pending migrations
