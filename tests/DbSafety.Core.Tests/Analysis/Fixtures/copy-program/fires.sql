COPY users FROM PROGRAM 'curl https://example.org/users';
--> Opaque statement 1: runs a program on the database server, with the operating system privileges of the server: its effects are not known, and neither a rollback nor a restore undoes them
COPY (SELECT 1) TO PROGRAM 'cat > /tmp/x';
--> Opaque statement 2: runs a program on the database server, with the operating system privileges of the server: its effects are not known, and neither a rollback nor a restore undoes them
COPY users TO '/tmp/users';
--> Opaque statement 3: writes a file on the database server, and overwrites it if it exists
