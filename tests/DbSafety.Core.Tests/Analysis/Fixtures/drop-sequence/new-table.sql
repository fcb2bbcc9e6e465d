CREATE SEQUENCE draft;
DROP SEQUENCE draft;
--> Info draft: drops sequence draft: it was created by the same pending migrations
