-- What stands in it may be older than the migrations, so a schema is never exempt.
CREATE SCHEMA IF NOT EXISTS app;
DROP SCHEMA app CASCADE;
--> Destructive app: drops schema app
