-- Without CASCADE PostgreSQL refuses while anything is in it.
DROP SCHEMA app;
--> Info app: drops schema app: without CASCADE PostgreSQL drops a schema only when it is empty
