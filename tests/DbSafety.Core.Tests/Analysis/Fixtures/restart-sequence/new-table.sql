CREATE SEQUENCE draft;
ALTER SEQUENCE draft RESTART;
--> Info draft: restarts sequence draft: it was created by the same pending migrations
