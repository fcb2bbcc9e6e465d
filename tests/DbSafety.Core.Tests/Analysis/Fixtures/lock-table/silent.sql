SELECT pg_advisory_lock(1);
SELECT 1 FROM users FOR UPDATE;
