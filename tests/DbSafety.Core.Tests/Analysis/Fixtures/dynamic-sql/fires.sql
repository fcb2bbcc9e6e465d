DO $$ BEGIN EXECUTE 'DROP TABLE ' || quote_ident('users'); END $$;
--> Opaque statement 1: runs SQL that is put together at run time
CALL clean_up();
--> Opaque statement 2: calls procedure clean_up, whose effects are not looked into
EXECUTE prepared_one;
--> Opaque statement 3: runs SQL that is put together at run time
