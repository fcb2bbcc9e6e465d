-- migration
BEGIN;
-- instead
COMMIT;
