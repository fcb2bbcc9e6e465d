CREATE TABLE events_2028 (at int);
ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM (3) TO (4);
--> Info events_2028: makes events_2028 a partition of events and checks all its rows; nobody can read or write it meanwhile: the table was made by the same pending migrations
