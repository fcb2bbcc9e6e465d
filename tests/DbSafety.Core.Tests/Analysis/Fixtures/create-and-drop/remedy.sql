-- given
-- migration
CREATE TABLE orders (id int);
DROP TABLE orders;
-- instead, in words alone
