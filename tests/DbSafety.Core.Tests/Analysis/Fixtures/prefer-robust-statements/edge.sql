-- After its own transaction.
BEGIN;
DROP TABLE a;
COMMIT;
CREATE INDEX CONCURRENTLY i ON orders (user_id);
--> Info i: has no IF NOT EXISTS: outside of a transaction, the script cannot be run again after it has failed further down
