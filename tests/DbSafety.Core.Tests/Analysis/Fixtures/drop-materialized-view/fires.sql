DROP MATERIALIZED VIEW totals;
--> Destructive totals: drops materialized view totals
DROP MATERIALIZED VIEW IF EXISTS a, app.b CASCADE;
--> Destructive a: drops materialized view a
--> Destructive app.b: drops materialized view app.b
