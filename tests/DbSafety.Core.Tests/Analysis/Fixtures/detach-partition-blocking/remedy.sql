-- given
CREATE TABLE events (at int) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM (1) TO (2);
-- migration
ALTER TABLE events DETACH PARTITION events_2025;
-- instead
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
-- then
SELECT NOT relispartition FROM pg_class WHERE oid = 'events_2025'::regclass
