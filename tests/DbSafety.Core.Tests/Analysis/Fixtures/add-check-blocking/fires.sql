ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18);
--> Blocking users.adult: adds check users.adult and tests every row; the table can neither be read nor written meanwhile
ALTER TABLE users ADD CHECK (name <> '');
--> Blocking users.check: adds check users.check and tests every row; the table can neither be read nor written meanwhile
