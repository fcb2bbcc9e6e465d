ALTER TABLE users OWNER TO admin;
--> Breaking users: changes the owner of table users: statements that rely on the old owner's privileges fail with permission denied
ALTER SEQUENCE app.users_id_seq OWNER TO admin;
--> Breaking app.users_id_seq: changes the owner of sequence app.users_id_seq: statements that rely on the old owner's privileges fail with permission denied
ALTER VIEW v OWNER TO CURRENT_USER;
--> Breaking v: changes the owner of view v: it reads with the new owner's privileges, and statements that rely on the old owner's fail with permission denied
ALTER SCHEMA app OWNER TO admin;
--> Breaking app: changes the owner of schema app: statements that rely on the old owner's privileges fail with permission denied
