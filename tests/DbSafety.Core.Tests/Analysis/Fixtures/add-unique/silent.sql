CREATE INDEX users_name ON users (name);
ALTER TABLE users ADD CONSTRAINT users_email UNIQUE USING INDEX users_email_idx;
