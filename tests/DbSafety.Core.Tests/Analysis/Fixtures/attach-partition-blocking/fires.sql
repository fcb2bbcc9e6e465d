ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM (1) TO (2);
--> Blocking events_2026: ACCESS EXCLUSIVE on events_2026 and the default partition of events: blocks reads and writes, SHARE ROW EXCLUSIVE on the tables that reference events: blocks writes until the statement ends; attaches events_2026 as a partition of events and checks every row of it
