VACUUM users;
--> Info users: vacuums users without blocking reads and writes
ANALYZE users;
--> Info users: collects statistics on users without blocking reads and writes
REINDEX TABLE CONCURRENTLY users;
--> Info users: rebuilds the indexes of users without blocking reads and writes
SHOW work_mem;
--> Info statement 4: changes no rows (SHOW)
