namespace DbSafety.Integration.Tests;

/// <summary>Databases that hold what real ones hold.</summary>
public static class SampleSql
{
    /// <summary>A small shop: 3 categories, 120 products, 500 orders.</summary>
    public const string Shop = """
        CREATE TABLE categories (id serial PRIMARY KEY, name text NOT NULL, active boolean);
        CREATE TABLE products (id serial PRIMARY KEY, category_id int NOT NULL REFERENCES categories, name text NOT NULL, price numeric(10,2) CHECK (price >= 0));
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id int REFERENCES products, placed timestamptz NOT NULL DEFAULT now(), note text);
        INSERT INTO categories (name, active) VALUES ('tools', true), ('toys', false), ('tea', NULL);
        INSERT INTO products (category_id, name, price) SELECT 1 + i % 3, 'product ' || i, i * 1.25 FROM generate_series(1, 120) i;
        INSERT INTO orders (product_id, note) SELECT 1 + i % 120, 'line' || chr(10) || 'break ' || i FROM generate_series(1, 500) i;
        """;

    /// <summary>Names and kinds of objects that tools trip over.</summary>
    public const string Odd = """"
        CREATE SCHEMA "Odd ""Schema""";
        CREATE TABLE "Odd ""Schema"""."Tab le
        with 'line' ü" ("Col; umn" text, "e\n" int);
        INSERT INTO "Odd ""Schema"""."Tab le
        with 'line' ü" VALUES (E'a\tb\\c\nd', 1), ('\.', 2), (NULL, 3), ('', 4);
        CREATE TABLE "a23456789012345678901234567890123456789012345678901234567890123" (id int);
        CREATE TABLE empty_one ();
        INSERT INTO empty_one DEFAULT VALUES;
        CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE TABLE events_rest PARTITION OF events DEFAULT;
        INSERT INTO events SELECT i, date '2025-06-01' + i FROM generate_series(1, 400) i;
        CREATE TABLE measured (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE measured_2025 PARTITION OF measured FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE INDEX ON measured (at);
        INSERT INTO measured SELECT i, date '2025-06-01' FROM generate_series(1, 50) i;
        CREATE TABLE wide (id int PRIMARY KEY, t text UNIQUE, EXCLUDE USING gist (box(point(id, id), point(id, id)) WITH &&));
        INSERT INTO wide SELECT i, repeat('w' || i || E'\t\\n', 300) FROM generate_series(1, 900) i;
        ALTER TABLE wide CLUSTER ON wide_pkey; COMMENT ON INDEX wide_pkey IS 'the key';
        CREATE TABLE parent (id int); CREATE TABLE child (extra text) INHERITS (parent);
        INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (3, 'x');
        CREATE UNLOGGED TABLE unlogged_one (id int); INSERT INTO unlogged_one VALUES (1);
        CREATE TABLE generated (a int, b int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO generated VALUES (1), (2);
        CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        CREATE TABLE typed (m mood, p positive, s varchar(10) CHECK (s IN ('a', 'b'))); INSERT INTO typed VALUES ('ok', 3, 'a');
        CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM parent;
        CREATE FUNCTION confuse() RETURNS text LANGUAGE sql AS $$
        SELECT 'COPY public.nothing (id) FROM stdin;'
        $$;
        COMMENT ON FUNCTION confuse() IS 'it''s a COPY public.nothing (id) FROM stdin;
        \.';
        CREATE FUNCTION "weird seq"() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END $body$;
        CREATE SEQUENCE "Odd ""Schema"""."S'eq"; SELECT setval('"Odd ""Schema"""."S''eq"', 42);
        CREATE SEQUENCE never_called;
        CREATE TABLE secured (id int); ALTER TABLE secured ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON secured USING (id > 1); INSERT INTO secured VALUES (1), (2);
        SELECT lo_create(0); SELECT lo_from_bytea(0, '\x000102');
        CREATE PUBLICATION everything FOR ALL TABLES;
        CREATE VIEW looking AS SELECT * FROM typed WHERE m IN ('ok', 'sad');
        """";
}
