SELECT lo_unlink(l.oid) FROM pg_largeobject_metadata l;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
SELECT pg_catalog.pg_drop_replication_slot('old');
--> Destructive pg_catalog.pg_drop_replication_slot: calls pg_catalog.pg_drop_replication_slot, which drops a replication slot: its consumer loses the changes that it has not received
SELECT pg_replication_slot_advance('old', '0/0');
--> Destructive pg_replication_slot_advance: calls pg_replication_slot_advance, which advances a replication slot: its consumer loses the changes that are skipped
UPDATE users SET name = lo_put(1, 0, '')::text WHERE id = 1;
--> Destructive lo_put: calls lo_put, which overwrites a large object
