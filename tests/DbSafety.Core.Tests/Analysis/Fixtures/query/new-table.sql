CREATE TABLE draft (a int);
SELECT * FROM draft;
--> Info statement 2: reads rows
