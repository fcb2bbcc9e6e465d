DO $$ BEGIN PERFORM 1; END $$;
--> Opaque statement 1: runs a DO block, of which only the statements in plain sight were read
DO LANGUAGE plpgsql 'BEGIN NULL; END';
--> Opaque statement 2: runs a DO block, of which only the statements in plain sight were read
