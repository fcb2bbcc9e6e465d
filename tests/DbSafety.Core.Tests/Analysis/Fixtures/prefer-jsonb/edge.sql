ALTER TABLE orders ALTER COLUMN data TYPE JSON USING data::json;
--> Info orders.data: stores orders.data as json, which has no equality operator: SELECT DISTINCT, GROUP BY and UNION fail on it
