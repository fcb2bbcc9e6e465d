-- It fails all the same.
CREATE TABLE draft (a int);
CREATE VIEW v AS SELECT a FROM draft;
ALTER TABLE draft ALTER COLUMN a TYPE bigint;
--> MayFail draft.a: changes the type of draft.a, which PostgreSQL refuses while view v uses it
