-- No table is concerned, so there is nothing to exempt.
BEGIN;
--> Info statement 1: controls the transaction (BEGIN)
COMMIT;
--> Info statement 2: controls the transaction (COMMIT)
