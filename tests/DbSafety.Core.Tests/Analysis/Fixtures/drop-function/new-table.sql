-- No table is concerned, so there is nothing to exempt.
CREATE FUNCTION draft() RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION draft();
--> Breaking draft: drops function draft: queries and code that use it fail
