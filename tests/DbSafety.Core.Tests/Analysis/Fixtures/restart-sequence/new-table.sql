CREATE SEQUENCE draft;
ALTER SEQUENCE draft RESTART;
--> Info draft: lets sequence draft begin anew: it was made by the same pending migrations
