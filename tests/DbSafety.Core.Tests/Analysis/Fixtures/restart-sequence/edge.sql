-- RESTART may stand between other options.
ALTER SEQUENCE IF EXISTS s MAXVALUE 10 RESTART CYCLE;
--> Breaking s: lets sequence s begin anew: inserts fail on numbers that are taken
