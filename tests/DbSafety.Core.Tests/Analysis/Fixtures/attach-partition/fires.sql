ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM (1) TO (2);
--> MayFail events_2026: requires every row of events_2026, and no row of the default partition of events, to match FOR VALUES FROM (1) TO (2)
