-- No table is concerned, so there is nothing to exempt.
FROBNICATE the_table;
--> Opaque statement 1: is not a statement that is known here: FROBNICATE the_table
