-- migration
CREATE VIEW active AS SELECT id, name FROM users;
ALTER TABLE users ALTER COLUMN name TYPE varchar(30);
-- instead
