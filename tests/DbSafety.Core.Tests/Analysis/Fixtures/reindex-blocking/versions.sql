-- CONCURRENTLY is from PostgreSQL 12 on, in parentheses from 14; the name can be left out from 15 on.
REINDEX DATABASE;
--> Blocking every table: ACCESS EXCLUSIVE on the tables and indexes of every table: blocks reads and writes until the statement ends; rebuilds all indexes
