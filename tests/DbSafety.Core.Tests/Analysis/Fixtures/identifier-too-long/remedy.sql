-- migration
CREATE INDEX CONCURRENTLY aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ON orders (user_id);
-- instead
