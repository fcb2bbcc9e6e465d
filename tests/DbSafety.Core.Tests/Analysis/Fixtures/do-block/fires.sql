DO $$ BEGIN PERFORM 1; END $$;
--> Opaque statement 1: runs a DO block, of which only the static statements were analysed
DO LANGUAGE plpgsql 'DECLARE n int; BEGIN n := 1; END';
--> Opaque statement 2: runs a DO block, of which only the static statements were analysed
DO $$ BEGIN ALTER TABLE t ADD a int; EXECUTE 'DROP TABLE u'; END $$;
--> Opaque statement 3: runs a DO block, of which only the static statements were analysed
