CREATE TABLE orders (data jsonb, "json" text);
