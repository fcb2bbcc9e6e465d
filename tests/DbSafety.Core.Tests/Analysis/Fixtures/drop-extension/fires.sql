DROP EXTENSION pg_trgm;
--> Breaking pg_trgm: drops extension pg_trgm: what still uses it fails
DROP EXTENSION IF EXISTS "uuid-ossp", citext;
--> Breaking "uuid-ossp": drops extension "uuid-ossp": what still uses it fails
--> Breaking citext: drops extension citext: what still uses it fails
