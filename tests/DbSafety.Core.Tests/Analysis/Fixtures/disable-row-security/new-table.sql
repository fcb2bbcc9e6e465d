CREATE TABLE draft (a int);
ALTER TABLE draft DISABLE ROW LEVEL SECURITY;
--> Info draft: disables row-level security on draft: the table was created by the same pending migrations
