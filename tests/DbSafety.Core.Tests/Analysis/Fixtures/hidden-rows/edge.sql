-- By what stands behind foreign tables, functions and views.
ALTER FOREIGN TABLE remote OPTIONS (SET table_name 'other');
--> Breaking remote: changes the options of foreign table remote: queries on it return different rows, or fail
ALTER SERVER far OPTIONS (SET host 'elsewhere');
--> Breaking far: changes foreign server far: queries on its foreign tables return different rows, or fail
ALTER USER MAPPING FOR app SERVER far OPTIONS (SET user 'reader');
--> Breaking FOR app SERVER far: changes user mapping FOR app SERVER far: queries on its foreign tables return different rows, or fail
ALTER FUNCTION f() SECURITY INVOKER;
--> Breaking f: changes whose privileges f runs with: it reads different rows, or fails with permission denied
CREATE OR REPLACE VIEW v WITH (security_invoker = on) AS SELECT 1;
--> Breaking v: replaces view v, and specifies whose privileges it uses: queries on it return different rows, or fail with permission denied
SECURITY LABEL FOR anon ON COLUMN users.name IS 'MASKED WITH VALUE NULL';
--> Breaking users.name: sets a security label on column users.name: its provider can hide or mask what roles read
