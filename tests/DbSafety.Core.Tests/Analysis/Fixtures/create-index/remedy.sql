-- given
-- migration
CREATE INDEX CONCURRENTLY users_name ON users (name);
-- instead, in words alone
