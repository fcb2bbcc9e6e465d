FROBNICATE the_table;
--> Opaque statement 1: is not a statement that is known here: FROBNICATE the_table
ALTER TABLE users EXPLODE;
--> Opaque statement 2: is not a statement that is known here: ALTER TABLE users EXPLODE
\connect other
--> Opaque statement 3: is a line for psql alone (\connect other), which nothing else can run
