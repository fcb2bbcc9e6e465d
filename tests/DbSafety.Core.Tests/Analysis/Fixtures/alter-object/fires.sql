ALTER TABLE users OWNER TO app;
--> Info users: changes table users
ALTER TABLE users SET (fillfactor = 70);
--> Info users: changes table users
ALTER ROLE app SET search_path = app;
--> Info app: changes role app
ALTER SYSTEM SET work_mem = '64MB';
--> Info work_mem: changes system work_mem
