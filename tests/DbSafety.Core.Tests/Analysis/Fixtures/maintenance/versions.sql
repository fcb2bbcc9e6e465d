-- DETACH … CONCURRENTLY is from PostgreSQL 14 on.
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
--> Info events: detaches a partition of events while it stays in use
