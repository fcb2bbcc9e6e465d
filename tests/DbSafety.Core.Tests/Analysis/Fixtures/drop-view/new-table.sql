CREATE VIEW draft AS SELECT 1;
DROP VIEW draft;
--> Info draft: drops view draft: what still uses it fails: it was made by the same pending migrations
