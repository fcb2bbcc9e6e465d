-- In loops and behind RETURN QUERY.
CREATE FUNCTION f() RETURNS SETOF int LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT 1' LOOP NULL; END LOOP; RETURN QUERY EXECUTE 'SELECT 2'; END $$;
--> Info statement 1: runs SQL that is built at run time: it is in the body of a routine and runs only when the routine is called
--> Info statement 1: runs SQL that is built at run time: it is in the body of a routine and runs only when the routine is called
