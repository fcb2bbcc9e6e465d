CREATE VIEW draft AS SELECT 1;
DROP VIEW draft;
--> Info draft: drops view draft: it was created by the same pending migrations
