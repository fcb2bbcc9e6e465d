ALTER TABLE users SET (fillfactor = 70);
ALTER TABLE users OWNER TO app;
ALTER SEQUENCE users_id_seq SET UNLOGGED;
ALTER INDEX events_id_idx ATTACH PARTITION events_2026_id_idx;
