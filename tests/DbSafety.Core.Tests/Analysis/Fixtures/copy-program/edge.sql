COPY users (id, name) TO PROGRAM 'gzip' WITH (FORMAT csv);
--> Opaque statement 1: runs a program on the database server, with the operating system privileges of the server: its effects are not known, and neither a rollback nor a restore undoes them
