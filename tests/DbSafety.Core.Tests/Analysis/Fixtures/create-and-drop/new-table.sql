-- A column of a table that the same script created is no loss, and no undo part.
CREATE TABLE draft (id int);
ALTER TABLE draft ADD COLUMN note text;
ALTER TABLE draft DROP COLUMN note;
