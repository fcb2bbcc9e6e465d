CREATE DOMAIN d AS int;
ALTER DOMAIN d ADD CHECK (value IN (SELECT id FROM users));
--> MayFail d.check: uses a subquery in a CHECK constraint: PostgreSQL refuses that, whatever the data
ALTER TABLE users ADD COLUMN country text CHECK (country IN (SELECT code FROM countries));
--> MayFail users.country: uses a subquery in a CHECK constraint: PostgreSQL refuses that, whatever the data
