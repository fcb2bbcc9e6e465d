CREATE VIEW v AS SELECT 1;
--> Info v: creates view v
CREATE OR REPLACE VIEW app.w AS SELECT 2;
--> Info app.w: creates view app.w
CREATE MATERIALIZED VIEW m AS SELECT 3;
--> Info m: creates materialized view m
