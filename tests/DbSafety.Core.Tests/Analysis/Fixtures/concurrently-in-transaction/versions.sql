-- DETACH … CONCURRENTLY is from PostgreSQL 14 on.
SET lock_timeout = '5s';
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
--> MayFail events: cannot run in a transaction, and a script of several statements is sent as one by many tools
