-- migration
CREATE TABLE orders (made timestamp);
-- instead
