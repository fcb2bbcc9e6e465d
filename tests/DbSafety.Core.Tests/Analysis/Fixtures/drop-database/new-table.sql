-- No table is concerned, so there is nothing to exempt.
DROP DATABASE shop;
--> Destructive shop: drops database shop and everything in it
