CREATE TABLE draft (a json);
--> Info draft.a: stores draft.a as json, which has no equality operator: SELECT DISTINCT, GROUP BY and UNION fail on it
