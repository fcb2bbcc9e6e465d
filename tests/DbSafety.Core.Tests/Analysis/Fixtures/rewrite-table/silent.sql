ALTER TABLE users SET (fillfactor = 70);
ALTER TABLE users OWNER TO app;
ALTER INDEX users_pkey SET TABLESPACE fast;
