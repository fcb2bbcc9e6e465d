-- A function in FROM.
SELECT * FROM pg_create_physical_replication_slot('x') AS made (name, at);
--> Breaking pg_create_physical_replication_slot: calls pg_create_physical_replication_slot, which creates a replication slot, which keeps WAL until it is dropped: it acts outside the transaction, and neither a rollback nor a restore undoes it
