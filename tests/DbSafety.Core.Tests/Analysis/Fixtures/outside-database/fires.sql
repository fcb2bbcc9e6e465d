CREATE ROLE reader LOGIN;
--> Breaking reader: creates role reader, which all databases of the server share: it acts outside the database, and a restore does not undo it
ALTER SYSTEM SET work_mem = '1GB';
--> Breaking work_mem: changes the server's configuration (work_mem), which all databases of the server share: it acts outside the database, and a restore does not undo it
ALTER DATABASE shop SET timezone = 'UTC';
--> Breaking shop: changes database shop, which all databases of the server share: it acts outside the database, and a restore does not undo it
DROP ROLE reader;
--> Breaking reader: drops role reader, which all databases of the server share: it acts outside the database, and a restore does not undo it
DROP SUBSCRIPTION far;
--> Breaking far: drops subscription far, and its replication slot on the publisher: it acts outside the database, and a restore does not undo it
