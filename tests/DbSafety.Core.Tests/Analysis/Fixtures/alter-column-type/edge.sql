-- Of a materialized view's or foreign table's column as well.
ALTER FOREIGN TABLE remote ALTER COLUMN a TYPE text;
--> Blocking remote.a: changes the type of remote.a to text; nobody can read or write remote meanwhile
