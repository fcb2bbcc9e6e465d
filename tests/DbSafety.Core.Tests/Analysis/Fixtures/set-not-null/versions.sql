-- From PostgreSQL 18 on NOT NULL is a constraint with a name, and may be NOT VALID.
ALTER TABLE users ADD CONSTRAINT has_name NOT NULL email;
--> MayFail users.email: requires a value in every row of users.email
ALTER TABLE users ADD CONSTRAINT has_age NOT NULL age NOT VALID;
--> Info users.age: requires a value in every row of users.age: NOT VALID does not check existing rows
