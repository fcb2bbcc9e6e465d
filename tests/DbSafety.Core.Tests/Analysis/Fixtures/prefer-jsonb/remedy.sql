-- migration
CREATE TABLE orders (data json);
-- instead
