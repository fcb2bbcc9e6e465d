CREATE TABLE draft (a int);
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
--> Info draft: enables row-level security on draft: the table was created by the same pending migrations
