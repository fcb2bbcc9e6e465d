DO $$ BEGIN EXECUTE 'DROP TABLE ' || quote_ident('users'); END $$;
--> Opaque statement 1: runs SQL that is built at run time
CALL clean_up();
--> Opaque statement 2: calls procedure clean_up, whose effects are not known
EXECUTE prepared_one;
--> Opaque statement 3: runs SQL that is built at run time
