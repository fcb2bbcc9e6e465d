ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b;
--> Info all: changes table all
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;
--> Info default privileges: changes default privileges default privileges
ALTER TABLE child NO INHERIT parent;
--> Info child: changes table child
ALTER EXTENSION citext ADD TABLE t;
--> Info citext: changes extension citext
REASSIGN OWNED BY a TO b;
--> Info a: changes role a
