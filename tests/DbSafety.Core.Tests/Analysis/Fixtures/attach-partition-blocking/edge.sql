ALTER TABLE app.events ATTACH PARTITION attic.rest DEFAULT;
--> Blocking attic.rest: ACCESS EXCLUSIVE on attic.rest and the default partition of app.events: blocks reads and writes, SHARE ROW EXCLUSIVE on the tables that reference app.events: blocks writes until the transaction ends; attaches attic.rest as a partition of app.events and checks every row of it
-- Seen on a server: a partition that is made in its place locks the partitioned table against everything, and has the default partition read.
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM (2) TO (3);
--> Blocking events_2027: ACCESS EXCLUSIVE on events and the default partition of events: blocks reads and writes, SHARE ROW EXCLUSIVE on the tables that reference events: blocks writes until the transaction ends; creates events_2027 as a partition of events and reads every row of the default partition, if there is one
CREATE TABLE IF NOT EXISTS app.rest PARTITION OF app.events DEFAULT;
--> Blocking app.rest: ACCESS EXCLUSIVE on app.events and the default partition of app.events: blocks reads and writes, SHARE ROW EXCLUSIVE on the tables that reference app.events: blocks writes until the transaction ends; creates app.rest as a partition of app.events and reads every row of the default partition, if there is one
