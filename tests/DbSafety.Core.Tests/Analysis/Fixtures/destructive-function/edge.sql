-- In bodies, subqueries and assignments of PL/pgSQL.
DO $$ DECLARE n int; BEGIN n := lo_unlink(1); PERFORM lo_truncate(1, 0); IF lowrite(1, '') > 0 THEN NULL; END IF; END $$;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
--> Destructive lo_truncate: calls lo_truncate, which truncates a large object
--> Destructive lowrite: calls lowrite, which overwrites a large object
CREATE TABLE kept AS SELECT lo_unlink(picture) FROM users;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
CREATE FUNCTION clean_up() RETURNS void LANGUAGE sql AS 'SELECT lo_unlink(1)';
--> Info lo_unlink: calls lo_unlink, which deletes a large object: it is in the body of a routine and runs only when the routine is called
SELECT clean_up();
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object, in clean_up, which is called in line 10
CREATE TABLE cleaned AS SELECT clean_up();
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object, in clean_up, which is called in line 12
SELECT DISTINCT ON (id) lo_unlink(picture) FROM users;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
SELECT 1 OPERATOR(pg_catalog.+) lo_unlink(picture) FROM users;
--> Destructive lo_unlink: calls lo_unlink, which deletes a large object
