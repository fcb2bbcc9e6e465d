DROP DATABASE shop;
--> Destructive shop: drops database shop and everything in it
DROP DATABASE IF EXISTS "Old Shop" WITH (FORCE);
--> Destructive "Old Shop": drops database "Old Shop" and everything in it
