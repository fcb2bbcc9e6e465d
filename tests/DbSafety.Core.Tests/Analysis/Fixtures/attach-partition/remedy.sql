-- given
-- migration
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM (1) TO (2);
-- instead, in words alone
