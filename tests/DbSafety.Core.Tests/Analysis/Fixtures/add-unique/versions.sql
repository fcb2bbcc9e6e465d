-- NULLS NOT DISTINCT is from PostgreSQL 15 on: nulls count as equal then.
CREATE UNIQUE INDEX users_code ON users (code) NULLS NOT DISTINCT;
--> MayFail users_code: requires that no two rows of users have the same code
-- A new column without a default is NULL in every row.
ALTER TABLE users ADD COLUMN code text;
ALTER TABLE users ADD CONSTRAINT users_code UNIQUE (code);
--> Info users.users_code: requires that no two rows of users have the same code: the same transaction adds the column, which is NULL in every row
CREATE UNIQUE INDEX users_code_name ON users (code, name);
--> Info users_code_name: requires that no two rows of users have the same code, name: the same transaction adds the column, which is NULL in every row
ALTER TABLE users ADD COLUMN a int, ADD UNIQUE (a);
--> Info users.unique: requires that no two rows of users have the same a: the same transaction adds the column, which is NULL in every row
ALTER TABLE users ADD COLUMN b int UNIQUE;
ALTER TABLE users ADD CONSTRAINT once UNIQUE NULLS NOT DISTINCT (code);
--> MayFail users.once: requires that no two rows of users have the same code
-- Rows that are written in between may hold anything.
INSERT INTO users (id, code) VALUES (1, 'x'), (2, 'x');
ALTER TABLE users ADD CONSTRAINT users_code_2 UNIQUE (code);
--> MayFail users.users_code_2: requires that no two rows of users have the same code
-- One default for all rows is there twice from two rows on.
ALTER TABLE users ADD COLUMN c int DEFAULT 0 UNIQUE;
--> MayFail users.c: requires that no two rows of users have the same c: the new column has the same default in every row, so the statement fails if there are two rows or more
ALTER TABLE orders ADD COLUMN d int DEFAULT 0 PRIMARY KEY;
--> MayFail orders.d: requires that no two rows of orders have the same d: the new column has the same default in every row, so the statement fails if there are two rows or more
ALTER TABLE orders ADD COLUMN e int DEFAULT 0;
ALTER TABLE orders ADD UNIQUE (e);
--> MayFail orders.unique: requires that no two rows of orders have the same e: the new column has the same default in every row, so the statement fails if there are two rows or more
CREATE UNIQUE INDEX orders_e ON orders (e);
--> MayFail orders_e: requires that no two rows of orders have the same e: the new column has the same default in every row, so the statement fails if there are two rows or more
-- In a transaction of its own others write in between.
COMMIT;
ALTER TABLE users ADD COLUMN f int;
ALTER TABLE users ADD UNIQUE (f);
--> MayFail users.unique: requires that no two rows of users have the same f
