SELECT pg_terminate_backend(pid) FROM pg_stat_activity;
--> Breaking pg_terminate_backend: calls pg_terminate_backend, which terminates a session of the server: it acts outside the transaction, and neither a rollback nor a restore undoes it
SELECT pg_switch_wal();
--> Breaking pg_switch_wal: calls pg_switch_wal, which switches to a new WAL file: it acts outside the transaction, and neither a rollback nor a restore undoes it
