-- DETACH … CONCURRENTLY is from PostgreSQL 14 on.
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
--> Info events: detaches a partition of events without blocking reads and writes
