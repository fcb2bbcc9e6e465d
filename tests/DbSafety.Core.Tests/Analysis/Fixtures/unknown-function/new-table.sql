CREATE FUNCTION tidy(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT trim($1)';
UPDATE users SET name = tidy(name) WHERE id = 1;
-- One of another schema has the name of a routine that the set created.
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.g() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT f(), public.f(), app.g();
SELECT app.f();
--> Opaque app.f: calls function app.f, whose effects are not known
SELECT g();
--> Opaque g: calls function g, whose effects are not known
ALTER FUNCTION f() SET SCHEMA app;
SELECT app.f();
SET search_path = app;
SELECT g(), f();
