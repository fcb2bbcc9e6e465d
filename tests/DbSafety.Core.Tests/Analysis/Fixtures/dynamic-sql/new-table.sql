-- No table is concerned, so there is nothing to exempt.
CALL clean_up();
--> Opaque statement 1: calls procedure clean_up, whose effects are not known
