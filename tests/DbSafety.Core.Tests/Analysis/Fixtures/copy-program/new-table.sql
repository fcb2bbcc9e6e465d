CREATE TABLE draft (id int);
COPY draft FROM PROGRAM 'seq 3';
--> Opaque statement 2: runs a program on the database server, with the operating system privileges of the server: its effects are not known, and neither a rollback nor a restore undoes them
