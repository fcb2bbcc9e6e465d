ALTER TABLE users SET UNLOGGED, ALTER COLUMN name SET DEFAULT '';
--> Blocking users: SET UNLOGGED writes users anew; it can neither be read nor written meanwhile
ALTER MATERIALIZED VIEW totals SET TABLESPACE fast;
--> Blocking totals: SET TABLESPACE writes totals anew; it can neither be read nor written meanwhile
ALTER INDEX users_pkey SET TABLESPACE fast;
--> Blocking users_pkey: writes index users_pkey anew; queries that could use it wait meanwhile
-- Seen on a server: a new column of a domain with constraints has all rows written anew, though it is null in each.
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN label AS text;
ALTER TABLE users ADD COLUMN points positive;
--> Blocking users.points: adds column users.points of domain positive, whose constraints have users written anew; it can neither be read nor written meanwhile
ALTER TABLE users ADD COLUMN tag label;
ALTER DOMAIN label SET NOT NULL;
ALTER TABLE users ADD COLUMN tags label DEFAULT '';
--> Blocking users.tags: adds column users.tags of domain label, whose constraints have users written anew; it can neither be read nor written meanwhile
