DROP EXTENSION pg_trgm;
--> Breaking pg_trgm: drops extension pg_trgm: queries and code that use it fail
DROP EXTENSION IF EXISTS "uuid-ossp", citext;
--> Breaking "uuid-ossp": drops extension "uuid-ossp": queries and code that use it fail
--> Breaking citext: drops extension citext: queries and code that use it fail
