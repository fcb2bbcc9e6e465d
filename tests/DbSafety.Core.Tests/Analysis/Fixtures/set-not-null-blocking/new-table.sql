CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a SET NOT NULL;
--> Info draft.a: sets draft.a NOT NULL: the table was created by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word SET NOT NULL;
--> Info word: sets domain word NOT NULL: it was created by the same pending migrations
