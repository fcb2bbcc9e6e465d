CREATE VIEW v AS SELECT 1;
--> Info v: makes view v
CREATE OR REPLACE VIEW app.w AS SELECT 2;
--> Info app.w: makes view app.w
CREATE MATERIALIZED VIEW m AS SELECT 3;
--> Info m: makes materialized view m
