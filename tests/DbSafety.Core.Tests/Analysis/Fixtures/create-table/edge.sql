CREATE UNLOGGED TABLE a (LIKE b INCLUDING ALL);
--> Info a: makes table a
CREATE FOREIGN TABLE remote (a int) SERVER far;
--> Info remote: makes foreign table remote
CREATE TABLE part PARTITION OF whole DEFAULT;
--> Info part: makes table part
CREATE SCHEMA shop CREATE TABLE items (id int);
--> Info shop.items: makes table shop.items
