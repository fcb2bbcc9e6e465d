BEGIN;
--> Info statement 1: controls the transaction (BEGIN)
SAVEPOINT a;
--> Info statement 2: controls the transaction (SAVEPOINT)
ROLLBACK TO a;
--> Info statement 3: controls the transaction (ROLLBACK TO)
COMMIT;
--> Info statement 4: controls the transaction (COMMIT)
