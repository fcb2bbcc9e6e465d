CREATE SEQUENCE draft;
DROP SEQUENCE draft;
--> Info draft: drops sequence draft: it was made by the same pending migrations
