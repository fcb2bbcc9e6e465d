CREATE SEQUENCE draft;
DROP SEQUENCE draft;
--> Info draft: drops sequence draft: what still uses it fails: it was made by the same pending migrations
