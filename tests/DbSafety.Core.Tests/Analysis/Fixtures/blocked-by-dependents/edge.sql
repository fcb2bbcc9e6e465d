-- All columns.
CREATE VIEW every AS SELECT * FROM users;
ALTER TABLE users ALTER COLUMN b TYPE bigint;
--> MayFail users.b: changes the type of users.b, which PostgreSQL refuses while view every uses it
