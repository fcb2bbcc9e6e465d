CREATE TABLE draft (id int);
DROP TABLE draft;
--> Info draft: drops table draft: it was created by the same pending migrations
-- With IF NOT EXISTS it may be an old one that is full.
CREATE TABLE IF NOT EXISTS kept (id int);
DROP TABLE kept;
--> Destructive kept: drops table kept
