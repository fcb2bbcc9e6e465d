-- Of a materialized view's or foreign table's column as well.
ALTER FOREIGN TABLE remote ALTER COLUMN a TYPE text;
--> Blocking remote.a: ACCESS EXCLUSIVE on remote and what depends on remote.a: blocks reads and writes until the transaction ends; changes the type of remote.a to text
-- Seen on a server: tables OF a composite type are written anew with it.
ALTER TYPE address ALTER ATTRIBUTE zip SET DATA TYPE varchar(9) CASCADE;
--> Blocking address.zip: ACCESS EXCLUSIVE on the tables of type address: blocks reads and writes until the transaction ends; changes the type of address.zip to varchar(9)
