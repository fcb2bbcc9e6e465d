-- given
-- migration
DO $$ BEGIN PERFORM 1; END $$;
-- instead, in words alone
