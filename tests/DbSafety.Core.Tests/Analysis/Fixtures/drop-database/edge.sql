-- Spread over lines, and with a comment in between.
DROP /* really */
  DATABASE shop;
--> Destructive shop: drops database shop and everything in it
