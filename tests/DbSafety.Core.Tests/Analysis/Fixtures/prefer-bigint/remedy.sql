-- migration
CREATE TABLE orders (id serial PRIMARY KEY);
-- instead
