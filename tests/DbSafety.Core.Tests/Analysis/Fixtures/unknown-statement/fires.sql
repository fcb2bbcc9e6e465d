FROBNICATE the_table;
--> Opaque statement 1: is not a known statement: FROBNICATE the_table
ALTER TABLE users EXPLODE;
--> Opaque statement 2: is not a known statement: ALTER TABLE users EXPLODE
\connect other
--> Opaque statement 3: is a psql meta-command (\connect other), which only psql can run
