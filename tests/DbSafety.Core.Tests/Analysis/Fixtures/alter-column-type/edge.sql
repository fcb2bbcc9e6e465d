-- Of a materialized view's or foreign table's column as well.
ALTER FOREIGN TABLE remote ALTER COLUMN a TYPE text;
--> Blocking remote.a: changes the type of remote.a to text; nobody can read or write remote meanwhile
-- Seen on a server: tables OF a composite type are written anew with it.
ALTER TYPE address ALTER ATTRIBUTE zip SET DATA TYPE varchar(9) CASCADE;
--> Blocking address.zip: changes the type of address.zip to varchar(9); nobody can read or write the tables OF that type meanwhile
