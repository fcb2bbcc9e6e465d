ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM (1) TO (2);
--> Blocking events_2026: makes events_2026 a partition of events and checks all its rows; nobody can read or write it meanwhile
