-- No table is concerned, so there is nothing to exempt.
FROBNICATE the_table;
--> Opaque statement 1: is not a known statement: FROBNICATE the_table
