-- ONLY: of a partitioned table, without its partitions.
CREATE INDEX "Odd.Name" ON ONLY parts (id);
--> Blocking "Odd.Name": SHARE on parts: blocks writes until the statement ends; builds an index on parts
