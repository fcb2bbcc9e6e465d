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
