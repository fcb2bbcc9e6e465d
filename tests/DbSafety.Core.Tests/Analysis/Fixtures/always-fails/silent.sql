ALTER TABLE users ADD CONSTRAINT c CHECK (name <> 'SELECT 1' AND "select" > 0);
CREATE TABLE draft (a int DEFAULT 0 CHECK (a > 0), b text DEFAULT 'select');
CREATE VIEW v AS SELECT (SELECT 1);
