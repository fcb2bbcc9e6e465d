-- Written at an added column it is tested too.
ALTER TABLE users ADD COLUMN score int CHECK (score > 0);
--> Blocking users.score: adds check users.score and tests every row; the table can neither be read nor written meanwhile
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NO INHERIT NOT VALID;
-- Seen on a server: SHARE locks on every table with a column of the domain, which are read in full; VALIDATE takes no weaker ones.
ALTER DOMAIN email ADD CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
--> Blocking email.has_at: adds check email.has_at and reads every row of the tables that use domain email; nobody can write to them meanwhile
ALTER DOMAIN app.email VALIDATE CONSTRAINT has_at;
--> Blocking app.email.has_at: validates app.email.has_at and reads every row of the tables that use domain app.email; nobody can write to them meanwhile
ALTER DOMAIN email ADD CHECK (VALUE <> '') NOT VALID;
