-- Written at an added column it is tested too.
ALTER TABLE users ADD COLUMN score int CHECK (score > 0);
--> Blocking users.score: adds check users.score and tests every row; the table can neither be read nor written meanwhile
ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NO INHERIT NOT VALID;
