COPY users (id, name) TO PROGRAM 'gzip' WITH (FORMAT csv);
--> Opaque statement 1: runs a program on the database server, with the rights of the server: what it does is not known, and neither a rollback nor a restore undoes it
