CREATE RECURSIVE VIEW r (n) AS SELECT 1;
--> Info r: makes view r
CREATE TEMP VIEW t AS SELECT 1;
--> Info t: makes view t
