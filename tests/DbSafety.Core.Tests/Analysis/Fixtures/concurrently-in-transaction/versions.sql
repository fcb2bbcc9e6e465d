-- DETACH … CONCURRENTLY is from PostgreSQL 14 on.
SET lock_timeout = '5s';
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
--> MayFail events: cannot run inside a transaction block, and many tools send a script of several statements as one transaction
