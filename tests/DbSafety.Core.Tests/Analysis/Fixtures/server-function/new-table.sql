CREATE TABLE draft AS SELECT pg_reload_conf();
--> Breaking pg_reload_conf: calls pg_reload_conf, which reloads the server's configuration: it acts outside the transaction, and neither a rollback nor a restore undoes it
