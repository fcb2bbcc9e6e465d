REFRESH MATERIALIZED VIEW totals;
--> Blocking totals: ACCESS EXCLUSIVE on totals: blocks reads and writes until the transaction ends; refreshes totals
REFRESH MATERIALIZED VIEW app.totals WITH NO DATA;
--> Blocking app.totals: ACCESS EXCLUSIVE on app.totals: blocks reads and writes until the transaction ends; refreshes app.totals
