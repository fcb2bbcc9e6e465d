-- A key of the table; identity columns; a name.
ALTER TABLE orders ADD COLUMN "userId" int;
--> Info orders."userId": creates key orders."userId" with type int, whose largest value is 2,147,483,647
CREATE TABLE pairs (a int4, b pg_catalog.int2 GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (a));
--> Info pairs.a: creates key pairs.a with type int4, whose largest value is 2,147,483,647
--> Info pairs.b: creates key pairs.b with type pg_catalog.int2, whose largest value is 32,767
