(SELECT 1) UNION (SELECT 2);
--> Info statement 1: reads rows
WITH x AS (SELECT 1) SELECT * FROM x;
--> Info statement 2: reads rows
TABLE users;
--> Info statement 3: reads rows
