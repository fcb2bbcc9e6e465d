-- migration
ALTER EXTENSION hstore UPDATE TO '1.8';
-- instead
SELECT version, installed FROM pg_available_extension_versions WHERE name = 'hstore';
-- then
SELECT EXISTS (SELECT FROM pg_available_extension_versions WHERE name = 'hstore')
