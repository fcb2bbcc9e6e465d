-- From PostgreSQL 18 on NOT NULL is a constraint with a name, and may be NOT VALID.
ALTER TABLE users ADD CONSTRAINT has_name NOT NULL email;
--> MayFail users.email: requires a value in users.email, and reads every row while nobody else can read or write
ALTER TABLE users ADD CONSTRAINT has_age NOT NULL age NOT VALID;
--> Info users.age: requires a value in users.age, and reads every row while nobody else can read or write: with NOT VALID the rows that are there are left alone
