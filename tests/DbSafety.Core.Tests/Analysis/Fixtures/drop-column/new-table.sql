ALTER TABLE users ADD COLUMN draft text;
ALTER TABLE users DROP COLUMN draft;
--> Info users.draft: drops column users.draft: it was created by the same pending migrations
CREATE TABLE made (a int, b int);
ALTER TABLE made DROP COLUMN a;
--> Info made.a: drops column made.a: it was created by the same pending migrations
