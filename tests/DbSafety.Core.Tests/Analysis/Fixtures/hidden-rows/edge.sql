-- By what stands behind foreign tables, functions and views.
ALTER FOREIGN TABLE remote OPTIONS (SET table_name 'other');
--> Breaking remote: changes where the rows of foreign table remote are: queries on it read other rows, or fail
ALTER SERVER far OPTIONS (SET host 'elsewhere');
--> Breaking far: changes foreign server far: queries on its foreign tables read other rows, or fail
ALTER USER MAPPING FOR app SERVER far OPTIONS (SET user 'reader');
--> Breaking FOR app SERVER far: changes user mapping FOR app SERVER far: queries on its foreign tables read other rows, or fail
ALTER FUNCTION f() SECURITY INVOKER;
--> Breaking f: changes whose rights f runs with: it reads other rows, or gets permission denied
CREATE OR REPLACE VIEW v WITH (security_invoker = on) AS SELECT 1;
--> Breaking v: replaces view v, and says whose rights it reads with: queries on it see other rows, or get permission denied
SECURITY LABEL FOR anon ON COLUMN users.name IS 'MASKED WITH VALUE NULL';
--> Breaking users.name: sets a security label on column users.name: its provider can hide or mask what roles read
