-- The second one is the one that stays open; a savepoint ends nothing.
BEGIN;
COMMIT AND NO CHAIN;
START TRANSACTION ISOLATION LEVEL SERIALIZABLE;
--> Breaking statement 3: begins a transaction that the script does not end: it is rolled back, with everything in it, when the session ends, and its locks are held until then
SAVEPOINT a;
ROLLBACK TO SAVEPOINT a;
