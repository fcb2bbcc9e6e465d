VACUUM users;
--> Info users: cleans users while it stays in use
ANALYZE users;
--> Info users: looks at samples of users while it stays in use
REINDEX TABLE CONCURRENTLY users;
--> Info users: builds the indexes of users anew while they stay in use
SHOW work_mem;
--> Info statement 4: changes no rows (SHOW)
