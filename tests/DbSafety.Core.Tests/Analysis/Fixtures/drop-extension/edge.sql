DROP EXTENSION citext CASCADE;
--> Breaking citext: drops extension citext: queries and code that use it fail
