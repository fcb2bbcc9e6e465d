CREATE TABLE draft (a int);
ALTER TABLE draft ALTER COLUMN a SET NOT NULL;
--> Info draft.a: makes draft.a NOT NULL: the table was made by the same pending migrations
CREATE DOMAIN word AS text;
ALTER DOMAIN word SET NOT NULL;
--> Info word: makes domain word NOT NULL: it was made by the same pending migrations
