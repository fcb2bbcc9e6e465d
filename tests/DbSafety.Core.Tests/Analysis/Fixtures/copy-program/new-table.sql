CREATE TABLE draft (id int);
COPY draft FROM PROGRAM 'seq 3';
--> Opaque statement 2: runs a program on the database server, with the rights of the server: what it does is not known, and neither a rollback nor a restore undoes it
