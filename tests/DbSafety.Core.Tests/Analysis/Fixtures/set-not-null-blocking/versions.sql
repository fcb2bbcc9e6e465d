-- From PostgreSQL 18 on NOT NULL is a constraint with a name, and may be NOT VALID; of a domain from 17 on.
ALTER TABLE users ADD CONSTRAINT has_name NOT NULL email;
--> Blocking users.email: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; sets users.email NOT NULL and reads every row
ALTER TABLE users ADD CONSTRAINT has_age NOT NULL age NOT VALID;
ALTER DOMAIN email ADD CONSTRAINT has_value NOT NULL;
--> Blocking email: SHARE on the tables that use email: blocks writes until the transaction ends; sets domain email NOT NULL and reads every row of the tables that use it
