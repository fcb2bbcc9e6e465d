-- No table is concerned, so there is nothing to exempt.
DO $$ BEGIN NULL; END $$;
--> Opaque statement 1: runs a DO block, of which only the statements in plain sight were read
