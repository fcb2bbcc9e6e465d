REFRESH MATERIALIZED VIEW totals;
--> Blocking totals: computes totals anew; nobody can read it meanwhile
REFRESH MATERIALIZED VIEW app.totals WITH NO DATA;
--> Blocking app.totals: computes app.totals anew; nobody can read it meanwhile
