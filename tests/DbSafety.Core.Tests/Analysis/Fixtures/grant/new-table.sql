CREATE TABLE draft (a int);
GRANT SELECT ON draft TO app;
--> Info draft: gives rights on table draft
