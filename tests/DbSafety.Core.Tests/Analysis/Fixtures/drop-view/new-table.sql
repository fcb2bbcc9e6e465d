CREATE VIEW draft AS SELECT 1;
DROP VIEW draft;
--> Info draft: drops view draft: it was made by the same pending migrations
