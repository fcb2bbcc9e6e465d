-- Written at an added column.
ALTER TABLE users ADD COLUMN code text UNIQUE;
--> Blocking users.code: adds users.code and builds its index; the table can neither be read nor written meanwhile
ALTER TABLE users ADD UNIQUE (name, email) INCLUDE (age) WITH (fillfactor = 70) DEFERRABLE;
--> Blocking users.unique: adds users.unique and builds its index; the table can neither be read nor written meanwhile
