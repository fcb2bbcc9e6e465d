ALTER TABLE app.events ATTACH PARTITION attic.rest DEFAULT;
--> Blocking attic.rest: makes attic.rest a partition of app.events and checks all its rows; nobody can read or write it meanwhile
-- Seen on a server: a partition that is made in its place locks the partitioned table against everything, and has the default partition read.
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM (2) TO (3);
--> Blocking events_2027: makes events_2027 as a partition of events; nobody can read or write events meanwhile, and if it has a default partition, all rows of that are read
CREATE TABLE IF NOT EXISTS app.rest PARTITION OF app.events DEFAULT;
--> Blocking app.rest: makes app.rest as a partition of app.events; nobody can read or write app.events meanwhile, and if it has a default partition, all rows of that are read
