CREATE TABLE events_2028 (at int);
ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM (3) TO (4);
--> Info events_2028: requires every row of events_2028, and no row of the default partition of events, to match FOR VALUES FROM (3) TO (4): the table was created by the same pending migrations
