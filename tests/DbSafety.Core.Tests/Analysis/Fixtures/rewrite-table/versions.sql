-- SET ACCESS METHOD is from PostgreSQL 15 on, SET EXPRESSION from 17.
ALTER TABLE users SET ACCESS METHOD heap;
--> Blocking users: SET ACCESS METHOD writes users anew; it can neither be read nor written meanwhile
ALTER TABLE users ALTER COLUMN full_name SET EXPRESSION AS (upper(name));
--> Blocking users.full_name: SET EXPRESSION writes users anew; it can neither be read nor written meanwhile
