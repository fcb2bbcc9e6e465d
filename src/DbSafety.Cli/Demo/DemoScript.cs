namespace DbSafety.Cli.Demo;

/// <summary>The database of the demo, and its migrations.</summary>
internal static class DemoScript
{
    public const string Shop = """
        CREATE TABLE categories (id serial PRIMARY KEY, name text NOT NULL, active boolean);
        CREATE TABLE products (id serial PRIMARY KEY, category_id int NOT NULL REFERENCES categories, name text NOT NULL, price numeric(10,2) NOT NULL);
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id int NOT NULL REFERENCES products, quantity int NOT NULL, placed timestamptz NOT NULL);
        """;

    public const string Goods = """
        INSERT INTO categories (name, active) SELECT 'category ' || i, i % 6 <> 0 FROM generate_series(1, 1204) i;
        INSERT INTO products (category_id, name, price) SELECT 1 + i % 1204, 'product ' || i, 1 + i % 90 FROM generate_series(1, 5000) i;
        INSERT INTO orders (product_id, quantity, placed) SELECT 1 + i % 5000, 1 + i % 4, timestamptz '2026-01-01' + i * interval '7 minutes' FROM generate_series(1, 40000) i;
        """;

    public const string Destructive = "-- The new front end no longer shows it.\nALTER TABLE categories DROP COLUMN active;\n";

    public const string Safe = "ALTER TABLE products ADD COLUMN sku text;\nUPDATE products SET sku = 'P-' || id WHERE sku IS NULL;\n";

    public const string Bad = "UPDATE orders SET quantity = 0 WHERE id <= 10;\nALTER TABLE orders ADD CONSTRAINT quantity_positive CHECK (quantity > 0);\n";

    public const string Accident = "DELETE FROM orders";
}
