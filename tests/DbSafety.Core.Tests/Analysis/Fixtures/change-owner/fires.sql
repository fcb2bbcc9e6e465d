ALTER TABLE users OWNER TO admin;
--> Breaking users: changes the owner of table users: who uses the old owner's rights gets permission denied
ALTER SEQUENCE app.users_id_seq OWNER TO admin;
--> Breaking app.users_id_seq: changes the owner of sequence app.users_id_seq: who uses the old owner's rights gets permission denied
ALTER VIEW v OWNER TO CURRENT_USER;
--> Breaking v: changes the owner of view v: it reads with the new owner's rights, and who uses the old owner's gets permission denied
ALTER SCHEMA app OWNER TO admin;
--> Breaking app: changes the owner of schema app: who uses the old owner's rights gets permission denied
