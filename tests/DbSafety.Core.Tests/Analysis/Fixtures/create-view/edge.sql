CREATE RECURSIVE VIEW r (n) AS SELECT 1;
--> Info r: creates view r
CREATE TEMP VIEW t AS SELECT 1;
--> Info t: creates view t
