-- What stands in pg_dump's scripts is new.
CREATE SCHEMA shop;
ALTER SCHEMA shop OWNER TO admin;
--> Info shop: changes the owner of schema shop: it was created by the same pending migrations
CREATE VIEW shop.v AS SELECT 1;
ALTER VIEW shop.v OWNER TO admin;
--> Info shop.v: changes the owner of view shop.v: it was created by the same pending migrations
REASSIGN OWNED BY app TO admin;
--> Breaking app: changes the owner of everything that app owns: statements that rely on the old owner's privileges fail with permission denied
ALTER LARGE OBJECT 5 OWNER TO admin;
--> Breaking 5: changes the owner of large object 5: statements that rely on the old owner's privileges fail with permission denied
