-- A temporary table that an earlier session left is a table too.
DROP TABLE pg_temp.scratch;
--> Destructive pg_temp.scratch: drops table pg_temp.scratch
-- In a DO block it happens at once.
DO $$ BEGIN DROP TABLE old_users; END $$;
--> Destructive old_users: drops table old_users
-- In a function it happens when that is called.
CREATE FUNCTION clean() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE old_users; END';
--> Info old_users: drops table old_users: it is in the body of a routine and runs only when the routine is called
-- A rehearsal of the script's own: nothing of it stays.
BEGIN;
DROP TABLE trial;
--> Info trial: drops table trial: its transaction is rolled back in line 16
SAVEPOINT s;
ROLLBACK TO SAVEPOINT s;
ROLLBACK;
START TRANSACTION;
DROP TABLE kept;
--> Destructive kept: drops table kept
ROLLBACK TO s;
COMMIT;
-- Outside of a transaction it stays done.
DROP TABLE gone;
--> Destructive gone: drops table gone
ROLLBACK;
