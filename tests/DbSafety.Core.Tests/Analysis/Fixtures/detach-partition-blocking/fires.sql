ALTER TABLE events DETACH PARTITION events_2025;
--> Blocking events: ACCESS EXCLUSIVE on events, events_2025, the default partition of events and the tables that reference events: blocks reads and writes until the statement ends; detaches events_2025 from events and waits for every transaction that has used it
