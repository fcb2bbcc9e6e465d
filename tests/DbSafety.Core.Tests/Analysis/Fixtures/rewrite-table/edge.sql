ALTER TABLE users SET UNLOGGED, ALTER COLUMN name SET DEFAULT '';
--> Blocking users: SET UNLOGGED writes users anew; it can neither be read nor written meanwhile
ALTER MATERIALIZED VIEW totals SET TABLESPACE fast;
--> Blocking totals: SET TABLESPACE writes totals anew; it can neither be read nor written meanwhile
ALTER INDEX users_pkey SET TABLESPACE fast;
--> Blocking users_pkey: writes index users_pkey anew; queries that could use it wait meanwhile
