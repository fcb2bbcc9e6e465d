-- The lock ends with its transaction.
BEGIN;
ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID;
COMMIT;
ALTER TABLE users VALIDATE CONSTRAINT adult;
-- What comes before the lock does not wait under it.
BEGIN;
UPDATE users SET legacy = '' WHERE legacy IS NULL;
ALTER TABLE users ALTER COLUMN legacy SET DEFAULT '';
INSERT INTO settings VALUES ('legacy', 'off') ON CONFLICT (name) DO UPDATE SET value = 'off';
COMMIT;
-- What is quick.
BEGIN;
ALTER TABLE users ADD COLUMN rank int;
INSERT INTO settings SELECT 'rank', 'on' WHERE NOT EXISTS (SELECT 1 FROM settings WHERE name = 'rank');
SELECT setval('users_id_seq', (SELECT max(id) FROM users));
SELECT 1 FROM orders LIMIT 1;
SELECT count(*) FROM pg_class;
SELECT * FROM generate_series(1, 3);
DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN ALTER TABLE orders ADD COLUMN mood text; END IF; END $$;
CREATE TABLE draft AS SELECT 1 AS a;
INSERT INTO users SELECT a FROM draft;
COMMIT;
