CREATE INDEX CONCURRENTLY users_name ON users (name);
ALTER INDEX users_name RENAME TO users_by_name;
