CREATE UNLOGGED TABLE a (LIKE b INCLUDING ALL);
--> Info a: creates table a
CREATE FOREIGN TABLE remote (a int) SERVER far;
--> Info remote: creates foreign table remote
CREATE TABLE part PARTITION OF whole DEFAULT;
--> Info part: creates table part
CREATE SCHEMA shop CREATE TABLE items (id int);
--> Info shop.items: creates table shop.items
