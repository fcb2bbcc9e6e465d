SELECT pg_backend_pid(), pg_current_wal_lsn();
SELECT set_config('search_path', 'app', false);
SELECT pg_advisory_xact_lock(1);
