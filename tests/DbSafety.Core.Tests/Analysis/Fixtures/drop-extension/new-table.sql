-- No table is concerned, so there is nothing to exempt.
CREATE EXTENSION citext;
DROP EXTENSION citext;
--> Breaking citext: drops extension citext: queries and code that use it fail
