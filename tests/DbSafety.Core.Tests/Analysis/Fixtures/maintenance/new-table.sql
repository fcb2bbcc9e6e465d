CREATE TABLE draft (a int);
VACUUM draft;
--> Info draft: vacuums draft without blocking reads and writes
