-- CONCURRENTLY is from PostgreSQL 12 on, in parentheses from 14; the name can be left out from 15 on.
REINDEX DATABASE;
--> Blocking every table: builds all indexes anew; nobody can write to the tables meanwhile, and hardly anybody read them
