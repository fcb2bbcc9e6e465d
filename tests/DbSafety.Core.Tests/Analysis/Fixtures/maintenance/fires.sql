VACUUM users;
--> Info users: cleans users while it stays in use
ANALYZE users;
--> Info statement 2: changes no rows (ANALYZE)
REINDEX TABLE CONCURRENTLY users;
--> Info users: builds the indexes of users anew while they stay in use
SHOW work_mem;
--> Info statement 4: changes no rows (SHOW)
