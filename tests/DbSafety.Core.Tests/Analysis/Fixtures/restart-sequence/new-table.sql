CREATE SEQUENCE draft;
ALTER SEQUENCE draft RESTART;
--> Info draft: lets sequence draft begin anew: inserts fail on numbers that are taken: it was made by the same pending migrations
