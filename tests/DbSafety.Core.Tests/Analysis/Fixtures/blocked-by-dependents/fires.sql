CREATE VIEW active AS SELECT id, name FROM users WHERE enabled;
ALTER TABLE users ALTER COLUMN name TYPE varchar(30);
--> MayFail users.name: changes the type of users.name, which PostgreSQL refuses while view active uses it
ALTER TABLE users DROP COLUMN enabled;
--> MayFail users.enabled: drops column users.enabled, which PostgreSQL refuses while view active uses it
DROP TABLE users;
--> MayFail users: drops table users, which PostgreSQL refuses while view active uses it
