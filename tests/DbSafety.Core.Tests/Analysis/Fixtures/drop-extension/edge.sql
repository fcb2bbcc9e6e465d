DROP EXTENSION citext CASCADE;
--> Breaking citext: drops extension citext: what still uses it fails
