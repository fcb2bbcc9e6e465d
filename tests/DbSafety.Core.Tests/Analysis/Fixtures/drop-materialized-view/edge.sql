-- The words may be in any case.
drop Materialized VIEW "Totals";
--> Destructive "Totals": drops materialized view "Totals"
