-- WITH (FORCE) is from PostgreSQL 13 on; it is found on every version.
DROP DATABASE shop WITH (FORCE);
--> Destructive shop: drops database shop and everything in it
