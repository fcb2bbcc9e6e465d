-- In a DO block too.
DO $$ BEGIN REFRESH MATERIALIZED VIEW totals; END $$;
--> Blocking totals: computes totals anew; nobody can read it meanwhile
