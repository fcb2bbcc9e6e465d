-- Quoted names are others; a schema of its own makes it another function; each is told once.
SELECT "Clean"('a'), app.lower('b'), app.lower('c');
--> Opaque "Clean": calls function "Clean", whose effects are not known
--> Opaque app.lower: calls function app.lower, whose effects are not known
DO $$ DECLARE n numeric(10, 2) := tidy(1); BEGIN PERFORM tidy(2); END $$;
--> Opaque tidy: calls function tidy, whose effects are not known
--> Opaque tidy: calls function tidy, whose effects are not known
-- Of other languages the body is not read.
CREATE FUNCTION strange() RETURNS void LANGUAGE plperl AS 'return 1;';
SELECT strange();
--> Opaque strange: calls function strange, whose effects are not known
