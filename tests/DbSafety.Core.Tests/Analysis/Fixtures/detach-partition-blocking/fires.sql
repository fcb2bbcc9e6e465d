ALTER TABLE events DETACH PARTITION events_2025;
--> Blocking events: detaches events_2025 from events; nobody can read or write events meanwhile, and it waits for all who do
