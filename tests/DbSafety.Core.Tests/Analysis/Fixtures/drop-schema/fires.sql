DROP SCHEMA app CASCADE;
--> Destructive app: drops schema app
DROP SCHEMA IF EXISTS "Old App", attic CASCADE;
--> Destructive "Old App": drops schema "Old App"
--> Destructive attic: drops schema attic
