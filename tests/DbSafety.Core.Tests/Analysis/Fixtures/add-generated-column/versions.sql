-- From PostgreSQL 18 on a generated column is virtual unless it says STORED: it is computed when it is read.
ALTER TABLE users ADD COLUMN a text GENERATED ALWAYS AS (upper(name)) VIRTUAL;
--> Info users.a: adds generated column users.a: a virtual column is computed when it is read
ALTER TABLE users ADD COLUMN b text GENERATED ALWAYS AS (upper(name));
--> Info users.b: adds generated column users.b: a virtual column is computed when it is read
