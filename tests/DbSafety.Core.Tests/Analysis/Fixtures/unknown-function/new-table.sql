CREATE FUNCTION tidy(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT trim($1)';
UPDATE users SET name = tidy(name) WHERE id = 1;
