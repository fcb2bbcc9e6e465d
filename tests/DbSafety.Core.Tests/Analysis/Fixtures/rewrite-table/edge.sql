ALTER TABLE users SET UNLOGGED, ALTER COLUMN name SET DEFAULT '';
--> Blocking users: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; SET UNLOGGED rewrites users
ALTER MATERIALIZED VIEW totals SET TABLESPACE fast;
--> Blocking totals: ACCESS EXCLUSIVE on totals: blocks reads and writes until the transaction ends; SET TABLESPACE rewrites totals
ALTER INDEX users_pkey SET TABLESPACE fast;
--> Blocking users_pkey: ACCESS EXCLUSIVE on users_pkey: blocks reads and writes until the transaction ends; rewrites index users_pkey
-- Seen on a server: a new column of a domain with constraints has all rows written anew, though it is null in each.
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN label AS text;
ALTER TABLE users ADD COLUMN points positive;
--> Blocking users.points: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.points of domain positive, whose constraints require a rewrite of users
ALTER TABLE users ADD COLUMN tag label;
ALTER DOMAIN label SET NOT NULL;
ALTER TABLE users ADD COLUMN tags label DEFAULT '';
--> Blocking users.tags: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds column users.tags of domain label, whose constraints require a rewrite of users
