CREATE TABLE events_2028 (at int);
ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM (3) TO (4);
--> Info events_2028: attaches events_2028 as a partition of events: the table was created by the same pending migrations
CREATE TABLE visits (at int) PARTITION BY LIST (at);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1);
--> Info visits_1: creates visits_1 as a partition of visits: the table was created by the same pending migrations
