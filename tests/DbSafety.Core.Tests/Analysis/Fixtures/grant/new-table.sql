CREATE TABLE draft (a int);
GRANT SELECT ON draft TO app;
--> Info draft: grants privileges on table draft
