-- No table is concerned, so there is nothing to exempt.
CREATE TABLE draft (a int);
DO $$ BEGIN PERFORM count(*) FROM draft; END $$;
--> Opaque statement 2: runs a DO block, of which only the static statements were analysed
