-- With CONCURRENTLY it fails as well, and leaves an invalid index behind.
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
--> MayFail users_email: requires that no two rows of users have the same email
-- Equal by an operator class of its own: it cannot be counted.
CREATE UNIQUE INDEX users_code ON users (code text_pattern_ops);
--> MayFail users_code: requires that no two rows of users have the same key
