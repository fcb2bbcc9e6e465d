-- NULLS NOT DISTINCT is from PostgreSQL 15 on: nulls count as equal then.
CREATE UNIQUE INDEX users_code ON users (code) NULLS NOT DISTINCT;
--> MayFail users_code: requires that no two rows of users have the same code
