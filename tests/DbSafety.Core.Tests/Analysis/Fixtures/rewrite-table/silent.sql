ALTER TABLE users SET (fillfactor = 70);
ALTER TABLE users OWNER TO app;
ALTER SEQUENCE users_id_seq SET UNLOGGED;
ALTER INDEX events_id_idx ATTACH PARTITION events_2026_id_idx;
ALTER TABLE users ADD COLUMN born date DEFAULT now(), ADD COLUMN score numeric(4, 1), ADD COLUMN words text[];
