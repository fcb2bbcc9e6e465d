ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email_idx;
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
