-- Written at an added column it is tested too.
ALTER TABLE users ADD COLUMN score int CHECK (score > 0);
--> Blocking users.score: ACCESS EXCLUSIVE on users: blocks reads and writes until the transaction ends; adds check users.score and checks every row
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NO INHERIT NOT VALID;
-- Seen on a server: SHARE locks on every table with a column of the domain, which are read in full; VALIDATE takes no weaker ones.
ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
--> Blocking email.has_at: SHARE on the tables that use email: blocks writes until the transaction ends; adds check email.has_at and reads every row of the tables that use domain email
ALTER DOMAIN app.email VALIDATE CONSTRAINT has_at;
--> Blocking app.email.has_at: SHARE on the tables that use app.email: blocks writes until the transaction ends; validates app.email.has_at and reads every row of the tables that use domain app.email
ALTER DOMAIN email ADD CHECK (VALUE <> '') NOT VALID;
