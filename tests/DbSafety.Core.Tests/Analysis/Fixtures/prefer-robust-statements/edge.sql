-- After its own transaction.
BEGIN;
DROP TABLE a;
COMMIT;
CREATE INDEX CONCURRENTLY i ON orders (user_id);
--> Info i: has no IF NOT EXISTS: outside a transaction, the script cannot be run again after a later statement fails
