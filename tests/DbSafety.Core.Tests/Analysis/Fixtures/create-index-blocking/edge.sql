-- ONLY: of a partitioned table, without its partitions.
CREATE INDEX "Odd.Name" ON ONLY parts (id);
--> Blocking "Odd.Name": builds an index on parts; nobody can write to it meanwhile
