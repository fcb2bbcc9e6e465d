-- In a DO block too.
DO $$ BEGIN REFRESH MATERIALIZED VIEW totals; END $$;
--> Blocking totals: ACCESS EXCLUSIVE on totals: blocks reads and writes until the transaction ends; refreshes totals
