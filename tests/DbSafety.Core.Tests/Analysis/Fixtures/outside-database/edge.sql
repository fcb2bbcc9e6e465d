-- USER and GROUP are roles too; and in a block it is the same.
CREATE USER a;
--> Breaking a: creates role a, which all databases of the server share: it acts outside the database, and a restore does not undo it
DO $$ BEGIN ALTER ROLE b NOLOGIN; END $$;
--> Breaking b: changes role b, which all databases of the server share: it acts outside the database, and a restore does not undo it
CREATE TABLESPACE fast LOCATION '/fast';
--> Breaking fast: creates tablespace fast, which all databases of the server share: it acts outside the database, and a restore does not undo it
GRANT admin TO app;
--> Breaking admin: grants privileges on role admin, which all databases of the server share: it acts outside the database, and a restore does not undo it
REVOKE CREATE ON TABLESPACE fast FROM app;
--> Breaking fast: revokes privileges on tablespace fast, which all databases of the server share: it acts outside the database, and a restore does not undo it
GRANT SET ON PARAMETER work_mem TO app;
--> Breaking work_mem: grants privileges on parameter work_mem, which all databases of the server share: it acts outside the database, and a restore does not undo it
