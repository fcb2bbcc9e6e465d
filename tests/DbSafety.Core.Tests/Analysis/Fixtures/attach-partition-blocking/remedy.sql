-- given
CREATE TABLE events (at int NOT NULL, what text) PARTITION BY RANGE (at);
-- migration
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM (1) TO (2);
-- instead
CREATE TABLE events_2026 (LIKE events INCLUDING ALL EXCLUDING IDENTITY);
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM (1) TO (2);
-- then
SELECT relispartition FROM pg_class WHERE oid = 'events_2026'::regclass
