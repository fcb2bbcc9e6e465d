using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What PostgreSQL refuses whatever the rows are is reported as such, and nothing else is; what changes nothing is no alarm. The server is asked each time.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class OutcomeTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TYPE addr AS (street text, zip varchar(10));
        CREATE TYPE lone AS (a int, b text);
        CREATE TYPE shape AS (a int);
        CREATE DOMAIN nn AS int NOT NULL;
        CREATE DOMAIN filled AS int NOT NULL DEFAULT 1;
        CREATE TABLE typed OF shape;
        CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(100) UNIQUE, name text, age int CONSTRAINT age_pos CHECK (age > 0), mood mood DEFAULT 'ok', home addr, code char(5), at timestamp, twice int GENERATED ALWAYS AS (age * 2) STORED, n int);
        INSERT INTO users (email, name, age, home, code, n) SELECT 'u' || g, 'n' || g, g, row('s', 'z')::addr, 'c', g FROM generate_series(1, 20) g;
        CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int NOT NULL REFERENCES users (id), total numeric(10,2) NOT NULL DEFAULT 0, note text, low text);
        INSERT INTO orders (user_id, total, note) SELECT 1 + g % 20, g, 'note' FROM generate_series(1, 50) g;
        CREATE INDEX orders_note ON orders (note);
        CREATE UNIQUE INDEX users_age ON users (age) WHERE age > 5;
        CREATE TABLE late (a int UNIQUE DEFERRABLE, b int, c int, UNIQUE (b, c));
        CREATE VIEW v_users AS SELECT id, email FROM users;
        CREATE MATERIALIZED VIEW m_users AS SELECT id FROM users;
        CREATE TABLE events (id int, at date NOT NULL, kind text) PARTITION BY RANGE (at);
        CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE events_def PARTITION OF events DEFAULT;
        CREATE INDEX events_kind ON events (kind);
        CREATE UNIQUE INDEX events_both ON events (id, at);
        INSERT INTO events VALUES (1, '2020-02-01', 'a'), (2, '2023-02-01', 'b');
        CREATE TABLE computed (id int, n int) PARTITION BY LIST ((n % 3));
        CREATE TABLE computed_0 PARTITION OF computed FOR VALUES IN (0);
        CREATE TABLE listed (n text) PARTITION BY LIST (n);
        CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a', NULL);
        CREATE TABLE ranked (a int, b int) PARTITION BY RANGE (a, b);
        CREATE TABLE ranked_1 PARTITION OF ranked FOR VALUES FROM (1, 1) TO (2, 5);
        CREATE TABLE open (a int) PARTITION BY RANGE (a);
        CREATE TABLE open_1 PARTITION OF open FOR VALUES FROM (MINVALUE) TO (10);
        CREATE TABLE plain (id int, at date NOT NULL, kind text);
        CREATE TABLE narrow (id int);
        CREATE TABLE wide (id int, at date NOT NULL, kind text, more int);
        CREATE TABLE parent (id int, a text, n int, CONSTRAINT positive CHECK (id > 0));
        CREATE TABLE child (extra int) INHERITS (parent);
        CREATE TABLE alike (id int, a text, n int, CONSTRAINT positive CHECK (id > 0));
        CREATE TABLE unchecked (id int, a text, n int);
        CREATE TABLE otherwise (id bigint, a text, n int);
        CREATE UNLOGGED TABLE swift (id int PRIMARY KEY, v text);
        CREATE TABLE booking (id serial PRIMARY KEY, during tsrange, span int4range, EXCLUDE USING gist (during WITH &&));
        CREATE TABLE empty (id int PRIMARY KEY, v text);
        CREATE TABLE refs (id int PRIMARY KEY, e int REFERENCES empty (id));
        CREATE FUNCTION add1(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i + 1';
        CREATE FUNCTION two(a text, b timestamp with time zone DEFAULT now()) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION many(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION many(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION app_many(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION upd() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN new; END$$;
        CREATE TRIGGER t_upd BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION upd();
        CREATE TRIGGER t_ev BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION upd();
        CREATE POLICY pol ON users;
        CREATE SEQUENCE sq;
        CREATE SCHEMA app;
        CREATE TYPE app.elsewhere AS ENUM ('a'); CREATE DOMAIN app.elsewhere_too AS text; CREATE FUNCTION app.elsewhere_f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE app.of_elsewhere (a app.elsewhere, b app.elsewhere_too);
        CREATE TABLE app.plain (id int);
        CREATE FUNCTION app.app_many(a text) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE STATISTICS st ON id, email FROM users;
        CREATE FUNCTION renames_table() RETURNS void LANGUAGE plpgsql AS $$BEGIN ALTER TABLE users RENAME TO people; END$$;
        CREATE FUNCTION renames_column() RETURNS void LANGUAGE plpgsql AS $$BEGIN ALTER TABLE users RENAME COLUMN name TO full_name; END$$;
        CREATE TABLE app.kept (id int, email text);
        INSERT INTO app.kept VALUES (1, 'a'), (2, 'b');
        CREATE TABLE lonely (id int);
        CREATE TABLE lonely_0 () INHERITS (lonely);
        """;

    /// <summary>PostgreSQL refuses some of them, and takes others that look alike.</summary>
    private static readonly string[] Statements =
    [
        // Columns: names.
        "ALTER TABLE users ADD COLUMN name text", "ALTER TABLE users ADD COLUMN ctid int", "ALTER TABLE users ADD COLUMN fresh text", "ALTER TABLE users DROP COLUMN name, ADD COLUMN name text",
        "ALTER TABLE users DROP COLUMN name; ALTER TABLE users ADD COLUMN name text", "ALTER TABLE users RENAME COLUMN name TO email", "ALTER TABLE users RENAME name TO xmin", "ALTER TABLE users RENAME name TO full_name",
        "ALTER TABLE users RENAME email TO mail; ALTER TABLE users RENAME name TO email", "ALTER VIEW v_users RENAME COLUMN id TO email",
        // Columns: partitions and inheritance.
        "ALTER TABLE events_2020 ADD COLUMN x int", "ALTER TABLE ONLY events ADD COLUMN x int", "ALTER TABLE events ADD COLUMN x int", "ALTER TABLE events_2020 DROP COLUMN kind", "ALTER TABLE child DROP COLUMN a", "ALTER TABLE child DROP COLUMN extra",
        "ALTER TABLE child NO INHERIT parent; ALTER TABLE child DROP COLUMN a", "ALTER TABLE child RENAME COLUMN a TO b", "ALTER TABLE ONLY parent RENAME COLUMN a TO b", "ALTER TABLE parent RENAME COLUMN a TO b", "ALTER TABLE ONLY parent ADD COLUMN x int",
        "ALTER TABLE events DROP COLUMN at", "ALTER TABLE computed DROP COLUMN n", "ALTER TABLE computed DROP COLUMN id", "ALTER TABLE ONLY events DROP COLUMN kind", "ALTER TABLE events DROP COLUMN kind", "ALTER TABLE typed ADD COLUMN x int", "ALTER TABLE typed DROP COLUMN a", "ALTER TABLE typed RENAME COLUMN a TO b",
        // Columns: types.
        "ALTER TABLE events ALTER COLUMN at TYPE timestamp", "ALTER TABLE events_2020 ALTER COLUMN kind TYPE varchar(10)", "ALTER TABLE child ALTER COLUMN n TYPE bigint", "ALTER TABLE ONLY parent ALTER COLUMN n TYPE bigint", "ALTER TABLE parent ALTER COLUMN n TYPE bigint",
        "ALTER TABLE refs ALTER COLUMN e TYPE text", "ALTER TABLE empty ALTER COLUMN id TYPE text", "ALTER TABLE refs ALTER COLUMN e TYPE bigint", "ALTER TABLE booking ALTER COLUMN during TYPE text", "ALTER TABLE booking ALTER COLUMN span TYPE text", "ALTER TABLE typed ALTER COLUMN a TYPE bigint",
        "ALTER TYPE addr ALTER ATTRIBUTE zip TYPE int", "ALTER TYPE lone ALTER ATTRIBUTE a TYPE bigint", "ALTER TYPE addr ADD ATTRIBUTE more int", "ALTER TYPE shape ADD ATTRIBUTE more int", "ALTER TYPE shape ADD ATTRIBUTE more int CASCADE", "ALTER TYPE shape ALTER ATTRIBUTE a TYPE bigint", "ALTER TYPE shape DROP ATTRIBUTE a", "ALTER TYPE shape RENAME ATTRIBUTE a TO b",
        // Defaults, identity, generated columns.
        "ALTER TABLE users ALTER COLUMN id SET DEFAULT 1", "ALTER TABLE users ALTER COLUMN twice SET DEFAULT 1", "ALTER TABLE users ALTER COLUMN id DROP DEFAULT", "ALTER TABLE users ALTER COLUMN twice DROP DEFAULT", "ALTER TABLE users ALTER COLUMN mood DROP DEFAULT",
        "ALTER TABLE orders ALTER COLUMN total SET DEFAULT 'x'", "ALTER TABLE orders ALTER COLUMN total SET DEFAULT '12'", "ALTER TABLE orders ALTER COLUMN total SET DEFAULT now()", "ALTER TABLE orders ALTER COLUMN total SET DEFAULT 7", "ALTER TABLE orders ALTER COLUMN note SET DEFAULT 5", "ALTER TABLE orders ALTER COLUMN note SET DEFAULT ('x')",
        "ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'glad'", "ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'sad'", "ALTER TYPE mood ADD VALUE 'glad'; ALTER TABLE orders ALTER COLUMN note SET DEFAULT 'glad'", "ALTER TABLE orders ADD COLUMN paid boolean DEFAULT 'perhaps'", "ALTER TABLE orders ADD COLUMN paid boolean DEFAULT 1", "ALTER TABLE orders ADD COLUMN paid boolean DEFAULT false",
        "ALTER TABLE orders ADD COLUMN tags text[] DEFAULT 'a'", "ALTER TABLE orders ADD COLUMN tags text[] DEFAULT '{a}'", "ALTER TABLE orders ADD COLUMN data jsonb DEFAULT '{'", "ALTER TABLE orders ADD COLUMN data jsonb DEFAULT '{}'", "ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT 'now'", "CREATE TABLE made (a int DEFAULT 'x')",
        "ALTER TABLE users ALTER COLUMN id DROP IDENTITY", "ALTER TABLE users ALTER COLUMN name DROP IDENTITY", "ALTER TABLE users ALTER COLUMN name DROP EXPRESSION", "ALTER TABLE users ALTER COLUMN twice DROP EXPRESSION", "ALTER TABLE users ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY", "ALTER TABLE orders ALTER COLUMN note ADD GENERATED BY DEFAULT AS IDENTITY",
        "ALTER TABLE orders ALTER COLUMN user_id ADD GENERATED BY DEFAULT AS IDENTITY", "ALTER TABLE orders ALTER COLUMN total ADD GENERATED BY DEFAULT AS IDENTITY", "ALTER TABLE orders ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY", "ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY", "ALTER TABLE users ALTER COLUMN n SET NOT NULL; ALTER TABLE users ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY",
        // NOT NULL.
        "ALTER TABLE orders ALTER COLUMN id DROP NOT NULL", "ALTER TABLE users ALTER COLUMN id DROP NOT NULL", "ALTER TABLE orders ALTER COLUMN total DROP NOT NULL", "ALTER TABLE events_2020 ALTER COLUMN at DROP NOT NULL", "ALTER TABLE events ALTER COLUMN at DROP NOT NULL",
        "ALTER TABLE orders ADD COLUMN q nn", "ALTER TABLE orders ADD COLUMN q filled", "ALTER TABLE orders ADD COLUMN q nn DEFAULT 1", "ALTER TABLE empty ADD COLUMN q nn", "DELETE FROM orders; ALTER TABLE orders ADD COLUMN q nn",
        // Constraints.
        "ALTER TABLE orders ADD PRIMARY KEY (id)", "ALTER TABLE orders DROP CONSTRAINT orders_pkey; ALTER TABLE orders ADD PRIMARY KEY (id)", "ALTER TABLE orders ADD COLUMN k int PRIMARY KEY", "ALTER TABLE late ADD COLUMN k int; ALTER TABLE late ADD UNIQUE (k)", "ALTER TABLE orders ADD CONSTRAINT orders_pkey CHECK (true)", "ALTER TABLE users ADD CONSTRAINT age_pos CHECK (age > -1)",
        "ALTER TABLE users DROP CONSTRAINT age_pos, ADD CONSTRAINT age_pos CHECK (age > -1)", "ALTER TABLE orders ADD CONSTRAINT age_pos CHECK (total >= 0)", "ALTER TABLE orders ADD CONSTRAINT users UNIQUE (id)", "ALTER TABLE orders ADD CONSTRAINT orders_note UNIQUE (id)", "ALTER TABLE orders ADD CONSTRAINT users CHECK (true)", "ALTER TABLE users RENAME CONSTRAINT age_pos TO users_pkey", "ALTER TABLE users RENAME CONSTRAINT age_pos TO fresh",
        "ALTER TABLE child DROP CONSTRAINT positive", "ALTER TABLE child RENAME CONSTRAINT positive TO p2", "ALTER TABLE ONLY parent ADD CHECK (n > -100)", "ALTER TABLE ONLY parent ADD CHECK (n > -100) NO INHERIT", "ALTER TABLE parent ADD CHECK (n > -100)",
        "ALTER TABLE events ADD PRIMARY KEY (id)", "ALTER TABLE events ADD PRIMARY KEY (id, at)", "ALTER TABLE events ADD UNIQUE (kind)", "CREATE UNIQUE INDEX cu ON events (id)", "CREATE UNIQUE INDEX cu ON events (id, at)", "ALTER TABLE events ADD COLUMN k int UNIQUE", "ALTER TABLE events ADD EXCLUDE USING btree (at WITH =)", "CREATE UNIQUE INDEX ux ON orders (id); ALTER TABLE orders ADD CONSTRAINT ux UNIQUE USING INDEX ux", "ALTER TABLE events ADD UNIQUE USING INDEX events_both",
        // Foreign keys.
        "ALTER TABLE users ADD CONSTRAINT fs FOREIGN KEY (name) REFERENCES users (name)", "ALTER TABLE users ADD FOREIGN KEY (email) REFERENCES users (email)", "ALTER TABLE users ADD UNIQUE (name); ALTER TABLE users ADD FOREIGN KEY (name) REFERENCES users (name)", "ALTER TABLE users ADD UNIQUE (name), ADD FOREIGN KEY (name) REFERENCES users (name)", "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (age)", "ALTER TABLE empty ADD FOREIGN KEY (v) REFERENCES users", "ALTER TABLE empty ADD FOREIGN KEY (id) REFERENCES users", "ALTER TABLE empty ADD FOREIGN KEY (v) REFERENCES users (email)",
        "ALTER TABLE empty ADD FOREIGN KEY (id) REFERENCES plain", "ALTER TABLE empty ADD FOREIGN KEY (id, v) REFERENCES users", "ALTER TABLE empty ADD FOREIGN KEY (id) REFERENCES v_users", "ALTER TABLE empty ADD FOREIGN KEY (id) REFERENCES late (a)", "ALTER TABLE empty ADD COLUMN b int, ADD FOREIGN KEY (id, b) REFERENCES late (c, b)", "ALTER TABLE empty ADD FOREIGN KEY (id) REFERENCES swift", "ALTER TABLE swift ADD FOREIGN KEY (id) REFERENCES empty", "ALTER TABLE empty ADD COLUMN o bigint REFERENCES users", "ALTER TABLE empty ADD COLUMN o text REFERENCES orders", "ALTER TABLE empty ADD COLUMN o date REFERENCES orders (id)", "ALTER TABLE empty ADD COLUMN o text REFERENCES orders (note)",
        "CREATE TABLE made (a int REFERENCES users (age))", "CREATE TABLE made (a int REFERENCES users, b text, FOREIGN KEY (b) REFERENCES users (email))", "CREATE TABLE made (a uuid REFERENCES users)", "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES orders NOT VALID", "ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES orders", "ALTER TABLE ONLY events ADD FOREIGN KEY (id) REFERENCES orders",
        // Relations.
        "ALTER TABLE orders SET UNLOGGED", "ALTER TABLE users SET UNLOGGED", "ALTER TABLE plain SET UNLOGGED", "ALTER TABLE swift SET LOGGED", "ALTER TABLE empty SET UNLOGGED", "ALTER TABLE refs DROP CONSTRAINT refs_e_fkey; ALTER TABLE empty SET UNLOGGED", "ALTER TABLE plain RENAME TO users", "ALTER TABLE plain RENAME TO mood", "ALTER TABLE plain RENAME TO fresh", "ALTER INDEX orders_note RENAME TO users", "ALTER INDEX orders_note RENAME TO mood", "ALTER TABLE plain SET SCHEMA app", "ALTER TABLE narrow SET SCHEMA app", "ALTER TABLE users RENAME TO old_users; ALTER TABLE plain RENAME TO users",
        "CREATE TABLE users (id int)", "CREATE TABLE mood (id int)", "CREATE TABLE orders_note (id int)", "CREATE TABLE fresh (id int)", "DROP TABLE narrow; CREATE TABLE narrow (id int)", "CREATE TABLE app.users (id int)", "CREATE TABLE app.plain (id int)", "CREATE TEMPORARY TABLE users (id int)", "CREATE VIEW users AS SELECT 1 AS a", "CREATE MATERIALIZED VIEW plain AS SELECT 1 AS a", "CREATE SEQUENCE sq", "CREATE SEQUENCE mood", "CREATE INDEX orders_note ON orders (total)", "CREATE INDEX plain ON orders (total)", "CREATE INDEX ON orders (note)", "DROP INDEX orders_note; CREATE INDEX orders_note ON orders (total)", "CREATE INDEX ON v_users (id)", "CREATE INDEX fresh_i ON m_users (id)",
        "CREATE TYPE mood AS ENUM ('a')", "CREATE TYPE users AS (a int)", "CREATE DOMAIN mood AS int", "CREATE TYPE app.mood AS ENUM ('a')", "CREATE SCHEMA app", "CREATE TRIGGER t_upd BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION upd()", "CREATE TRIGGER t_upd BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION upd()", "CREATE POLICY pol ON users", "CREATE POLICY pol ON orders", "CREATE STATISTICS st ON id, name FROM users",
        "CREATE FUNCTION add1(x integer) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION add1(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION add1(a bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION add1() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION two(IN text, w timestamptz = '2020-01-01') RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION two(text, timestamp with time zone) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION two(text, timestamp) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TYPE mood ADD VALUE 'ok'", "ALTER TYPE mood RENAME VALUE 'glad' TO 'x'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'ok'", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", "ALTER TYPE mood RENAME TO addr", "ALTER TYPE mood RENAME TO moods",
        // Views.
        "CREATE OR REPLACE VIEW v_users AS SELECT id FROM users", "CREATE OR REPLACE VIEW v_users AS SELECT id, name AS email FROM users", "CREATE OR REPLACE VIEW v_users AS SELECT id, email, name FROM users", "CREATE OR REPLACE VIEW v_users AS SELECT id, email::varchar(50) AS email FROM users", "CREATE OR REPLACE VIEW v_users AS SELECT id AS nr, email FROM users", "CREATE OR REPLACE VIEW v_users (id, mail) AS SELECT id, email FROM users", "CREATE OR REPLACE VIEW v_users (id, email) AS SELECT u.id, u.email AS e FROM users u WHERE id > 5 WITH CASCADED CHECK OPTION", "CREATE OR REPLACE VIEW users AS SELECT 1 AS a", "DROP VIEW v_users; CREATE OR REPLACE VIEW v_users AS SELECT id FROM users", "CREATE OR REPLACE VIEW fresh_v AS SELECT 1 AS a",
        // Inheritance and partitions.
        "ALTER TABLE alike INHERIT parent", "ALTER TABLE otherwise INHERIT parent", "ALTER TABLE unchecked INHERIT parent", "ALTER TABLE narrow INHERIT parent", "ALTER TABLE child INHERIT parent", "ALTER TABLE plain INHERIT events", "ALTER TABLE alike NO INHERIT parent", "ALTER TABLE child NO INHERIT parent", "ALTER TABLE otherwise ALTER COLUMN id TYPE int, ADD CONSTRAINT positive CHECK (id > 0); ALTER TABLE otherwise INHERIT parent",
        "ALTER TABLE events ATTACH PARTITION plain FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "ALTER TABLE events ATTACH PARTITION wide FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "ALTER TABLE events ATTACH PARTITION narrow FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "ALTER TABLE events ATTACH PARTITION events_2020 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "ALTER TABLE parent ATTACH PARTITION alike DEFAULT", "ALTER TABLE events DETACH PARTITION plain", "ALTER TABLE events DETACH PARTITION events_2020", "ALTER TABLE events DETACH PARTITION events_def; ALTER TABLE events ATTACH PARTITION events_def DEFAULT",
        "CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')", "CREATE TABLE events_2022 PARTITION OF events FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')", "DELETE FROM events; CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')", "CREATE TABLE p2 PARTITION OF plain DEFAULT",
        // Bounds of partitions.
        "CREATE TABLE made PARTITION OF events FOR VALUES FROM ('2019-06-01') TO ('2020-02-01')", "CREATE TABLE made PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')", "CREATE TABLE made PARTITION OF events FOR VALUES FROM ('2020-03-01') TO ('2020-04-01')", "CREATE TABLE made PARTITION OF events FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "CREATE TABLE made PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2020-01-01')",
        "CREATE TABLE made PARTITION OF events FOR VALUES FROM ('2022-01-01') TO ('2022-01-01')", "CREATE TABLE made PARTITION OF events DEFAULT", "ALTER TABLE events ATTACH PARTITION plain DEFAULT", "ALTER TABLE events ATTACH PARTITION plain FOR VALUES FROM ('2020-12-31') TO ('2022-01-01')", "CREATE TABLE made PARTITION OF listed FOR VALUES IN ('b', 'a')", "CREATE TABLE made PARTITION OF listed FOR VALUES IN ('b', 'c')", "CREATE TABLE made PARTITION OF listed FOR VALUES IN (NULL)",
        "CREATE TABLE made PARTITION OF listed DEFAULT", "CREATE TABLE made PARTITION OF ranked FOR VALUES FROM (2, 4) TO (3, 1)", "CREATE TABLE made PARTITION OF ranked FOR VALUES FROM (2, 5) TO (3, 1)", "CREATE TABLE made PARTITION OF ranked FOR VALUES FROM (0, 1) TO (1, 2)", "CREATE TABLE made PARTITION OF open FOR VALUES FROM (MINVALUE) TO (5)", "CREATE TABLE made PARTITION OF open FOR VALUES FROM (10) TO (MAXVALUE)", "CREATE TABLE made PARTITION OF open FOR VALUES FROM ('9') TO ('20')",
        // A column that the same statement adds.
        "ALTER TABLE empty ADD COLUMN c int DEFAULT 1, ALTER c DROP DEFAULT", "ALTER TABLE empty ADD COLUMN c int NOT NULL DEFAULT 1, ALTER c DROP NOT NULL", "ALTER TABLE empty ALTER c TYPE bigint, ADD COLUMN c int", "ALTER TABLE empty ADD COLUMN c int DEFAULT 1, ALTER c SET DEFAULT 2, ALTER c SET NOT NULL", "ALTER TABLE empty DROP COLUMN v, ADD COLUMN v int DEFAULT 1",
        // DROP.
        "DROP INDEX users_pkey", "DROP INDEX events_2020_kind_idx", "DROP INDEX events_kind", "DROP INDEX orders_note", "DROP SEQUENCE users_id_seq", "DROP SEQUENCE sq", "DROP TYPE users", "DROP TYPE lone", "DROP TRIGGER t_ev ON events_2020", "DROP TRIGGER t_ev ON events", "DROP VIEW plain", "DROP TABLE v_users", "DROP TABLE IF EXISTS m_users", "DROP MATERIALIZED VIEW m_users", "DROP INDEX IF EXISTS plain",
        "DROP FUNCTION many", "DROP FUNCTION IF EXISTS many", "DROP ROUTINE IF EXISTS public.many", "DROP FUNCTION add1, many", "DROP FUNCTION many(int)", "DROP FUNCTION many(int), many(text)", "DROP FUNCTION add1", "DROP FUNCTION app_many", "DROP FUNCTION IF EXISTS app.app_many", "DROP PROCEDURE IF EXISTS many",
    ];

    /// <summary>PostgreSQL takes them: an earlier statement has changed what the catalog shows, often without naming it.</summary>
    private static readonly string[] Taken =
    [
        "ALTER TABLE events DETACH PARTITION events_2020; CREATE TABLE made PARTITION OF events FOR VALUES FROM ('2020-06-01') TO ('2020-07-01')",
        // Types.
        "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; ALTER TABLE orders ADD COLUMN m mood DEFAULT 'fine'",
        """
        CREATE TYPE mood_new AS ENUM ('sad', 'ok', 'great'); ALTER TABLE users ALTER COLUMN mood DROP DEFAULT; ALTER TABLE users ALTER COLUMN mood TYPE mood_new USING (mood::text::mood_new);
        ALTER TYPE mood RENAME TO mood_old; ALTER TYPE mood_new RENAME TO mood; DROP TYPE mood_old; ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'great'; ALTER TABLE orders ADD COLUMN m mood DEFAULT 'great'
        """,
        "ALTER TABLE users ALTER COLUMN mood SET DATA TYPE text; ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'ok'::text; DROP TYPE public.mood; CREATE TYPE public.mood AS ENUM ('sad', 'great'); ALTER TABLE orders ADD COLUMN mood mood DEFAULT 'great' NOT NULL",
        "ALTER TYPE mood SET SCHEMA app; CREATE TYPE mood AS ENUM ('x', 'y'); CREATE TABLE made (a mood DEFAULT 'y')", "DROP TYPE lone; CREATE TYPE lone AS ENUM ('x'); CREATE TABLE made (a lone DEFAULT 'x')",
        "ALTER DOMAIN nn DROP NOT NULL; ALTER TABLE orders ADD COLUMN q nn", "ALTER DOMAIN nn SET DEFAULT 5; ALTER TABLE orders ADD COLUMN q nn", "ALTER SEQUENCE sq RENAME TO mood",
        "DROP FUNCTION add1(int); CREATE FUNCTION add1(i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'a'::text$$; ALTER TABLE orders ADD COLUMN z text DEFAULT add1(1)",
        // Foreign keys.
        "ALTER TABLE empty ALTER COLUMN v TYPE bigint USING 1; ALTER TABLE empty ADD CONSTRAINT f FOREIGN KEY (v) REFERENCES orders (id)",
        "ALTER TABLE booking ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE text; ALTER TABLE orders ADD COLUMN b text REFERENCES booking (id)", "CREATE UNIQUE INDEX ux ON empty (v); ALTER TABLE refs ADD COLUMN w text REFERENCES empty (v)",
        // Inheritance and partitions.
        "ALTER TABLE unchecked ADD CONSTRAINT positive CHECK (id > 0); ALTER TABLE unchecked INHERIT parent", "ALTER TABLE narrow ADD COLUMN a text, ADD COLUMN n int, ADD CONSTRAINT positive CHECK (id > 0); ALTER TABLE narrow INHERIT parent",
        "ALTER TABLE app.plain ADD COLUMN at date; ALTER TABLE app.plain ADD COLUMN kind text; ALTER TABLE app.plain ALTER COLUMN at SET NOT NULL; ALTER TABLE events ATTACH PARTITION app.plain FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
        "ALTER TABLE events ALTER COLUMN at DROP NOT NULL; ALTER TABLE events_2020 ALTER COLUMN at DROP NOT NULL", "DROP TABLE child; ALTER TABLE ONLY parent RENAME COLUMN a TO a2", "DROP TABLE lonely_0; ALTER TABLE ONLY lonely ADD COLUMN z int",
        // Names that were freed.
        "DROP TABLE booking; CREATE SEQUENCE booking_id_seq", "DROP TABLE booking; CREATE TABLE booking_pkey (id int)", "ALTER TABLE orders DROP COLUMN note; CREATE INDEX orders_note ON orders (total)", "ALTER TABLE users DROP CONSTRAINT users_email_key; ALTER TABLE orders ADD CONSTRAINT users_email_key UNIQUE (id)",
        "ALTER TABLE users ALTER COLUMN id DROP IDENTITY; CREATE SEQUENCE users_id_seq OWNED BY users.id", "ALTER TABLE users RENAME CONSTRAINT users_email_key TO u_old; ALTER INDEX orders_note RENAME TO users_email_key", "ALTER TABLE orders SET SCHEMA app; CREATE INDEX orders_note ON plain (kind)",
        "DROP INDEX orders_note; ALTER TABLE orders ADD COLUMN x int CONSTRAINT orders_note UNIQUE", "ALTER TABLE refs DROP CONSTRAINT refs_pkey; ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO refs_pkey",
        "CREATE MATERIALIZED VIEW m_new AS SELECT 1 AS a; CREATE INDEX m_new_a ON m_new (a); DROP MATERIALIZED VIEW m_users; ALTER MATERIALIZED VIEW m_new RENAME TO m_users; ALTER INDEX m_new_a RENAME TO m_users_a",
        "ALTER TABLE orders RENAME TO orders_old; ALTER TABLE plain RENAME TO orders; CREATE INDEX plain_kind ON orders (kind); DROP TABLE orders_old; ALTER INDEX plain_kind RENAME TO orders_note",
        "CREATE FUNCTION clear() RETURNS void LANGUAGE sql AS 'DROP INDEX IF EXISTS orders_note'; SELECT clear(); CREATE INDEX orders_note ON orders (note, id); DROP FUNCTION clear()",
        // What else decides.
        "ALTER TABLE refs SET UNLOGGED; ALTER TABLE empty SET UNLOGGED", "SET datestyle = 'SQL, DMY'; ALTER TABLE plain ALTER COLUMN at SET DEFAULT '31/12/2020'",
        "CREATE TEMPORARY TABLE users AS SELECT 1 AS id; DROP TABLE users",
    ];

    /// <summary>What IF EXISTS names has got that name by an earlier statement, and holds rows.</summary>
    private static readonly string[] Renamed =
    [
        "ALTER SCHEMA app RENAME TO app2; DROP TABLE IF EXISTS app2.kept", "ALTER SCHEMA app RENAME TO app2; ALTER TABLE app2.kept DROP COLUMN IF EXISTS email", "SELECT renames_table(); DROP TABLE IF EXISTS people CASCADE", "SELECT renames_column(); ALTER TABLE users DROP COLUMN IF EXISTS full_name",
        "DO $$BEGIN ALTER TABLE users RENAME TO people; END$$; DROP TABLE IF EXISTS people CASCADE", "DO $$BEGIN EXECUTE 'ALTER TABLE users RENAME TO people'; END$$; DROP TABLE IF EXISTS people CASCADE", "ALTER TABLE app.kept SET SCHEMA public; DROP TABLE IF EXISTS kept",
        "CREATE SCHEMA moved; ALTER TABLE users SET SCHEMA moved; DROP SCHEMA IF EXISTS moved CASCADE",
    ];

    /// <summary>PostgreSQL takes them, and nothing changes.</summary>
    private static readonly string[] Idle =
    [
        "DROP FUNCTION IF EXISTS add1(text)", "DROP FUNCTION IF EXISTS two(text)", "DROP VIEW IF EXISTS gone; ALTER VIEW IF EXISTS gone RENAME TO other; ALTER SEQUENCE IF EXISTS gone RESTART; DROP SEQUENCE IF EXISTS gone",
        "DROP INDEX IF EXISTS gone", "DROP VIEW IF EXISTS gone", "DROP MATERIALIZED VIEW IF EXISTS gone", "DROP SEQUENCE IF EXISTS gone", "DROP TYPE IF EXISTS gone", "DROP TYPE IF EXISTS public.gone CASCADE", "DROP DOMAIN IF EXISTS gone", "DROP DOMAIN IF EXISTS gone CASCADE", "DROP TYPE IF EXISTS gone CASCADE; CREATE TYPE gone AS ENUM ('a')", "DROP TYPE IF EXISTS elsewhere CASCADE", "DROP DOMAIN IF EXISTS elsewhere_too CASCADE", "DROP FUNCTION IF EXISTS elsewhere_f() CASCADE", "DROP FUNCTION IF EXISTS gone(int)", "DROP PROCEDURE IF EXISTS gone", "DROP AGGREGATE IF EXISTS gone(int)", "DROP ROUTINE IF EXISTS gone",
        "DROP TRIGGER IF EXISTS gone ON users", "DROP TRIGGER IF EXISTS gone ON gone", "DROP POLICY IF EXISTS gone ON users", "DROP RULE IF EXISTS gone ON users", "DROP EXTENSION IF EXISTS gone", "DROP COLLATION IF EXISTS gone", "DROP CONVERSION IF EXISTS gone", "DROP STATISTICS IF EXISTS gone", "DROP TEXT SEARCH CONFIGURATION IF EXISTS gone", "DROP TEXT SEARCH DICTIONARY IF EXISTS gone", "DROP PUBLICATION IF EXISTS gone", "DROP EVENT TRIGGER IF EXISTS gone", "DROP LANGUAGE IF EXISTS gone", "DROP SERVER IF EXISTS gone", "DROP FOREIGN DATA WRAPPER IF EXISTS gone", "DROP ROLE IF EXISTS gone", "DROP TABLE IF EXISTS gone", "DROP TABLE IF EXISTS gone CASCADE", "DROP FOREIGN TABLE IF EXISTS gone", "DROP SCHEMA IF EXISTS gone", "DROP ACCESS METHOD IF EXISTS gone",
        "ALTER TABLE users DROP CONSTRAINT IF EXISTS gone", "ALTER TABLE users DROP COLUMN IF EXISTS gone", "ALTER TABLE IF EXISTS gone DROP COLUMN a", "ALTER TABLE IF EXISTS gone RENAME TO other", "ALTER TABLE IF EXISTS gone ADD CHECK (a > 0)", "ALTER TABLE IF EXISTS gone ALTER COLUMN a TYPE int", "ALTER INDEX IF EXISTS gone RENAME TO other", "ALTER VIEW IF EXISTS gone RENAME TO other", "ALTER SEQUENCE IF EXISTS gone RENAME TO other",
        "ALTER TABLE users ALTER COLUMN n DROP NOT NULL", "ALTER TABLE users ALTER COLUMN n DROP DEFAULT", "ALTER TABLE users ALTER COLUMN n SET DEFAULT NULL", "ALTER TABLE users ALTER COLUMN n DROP IDENTITY IF EXISTS", "ALTER TABLE users ALTER COLUMN n DROP EXPRESSION IF EXISTS", "ALTER TABLE users ADD COLUMN IF NOT EXISTS n int NOT NULL", "CREATE UNIQUE INDEX IF NOT EXISTS orders_note ON orders (note)", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok'",
        "CREATE DOMAIN words AS text; ALTER TABLE users ALTER COLUMN name TYPE words",
        "DROP OPERATOR IF EXISTS === (int, int)", "DROP OPERATOR CLASS IF EXISTS gone USING btree", "DROP OPERATOR FAMILY IF EXISTS gone USING btree", "ALTER TABLE users DROP CONSTRAINT IF EXISTS gone, ADD COLUMN extra int",
        """
        ALTER TABLE orders ADD COLUMN extra int; DROP TRIGGER IF EXISTS gone ON users; DROP RULE IF EXISTS gone ON users; DROP POLICY IF EXISTS gone ON users; ALTER TABLE users DROP CONSTRAINT IF EXISTS gone;
        DROP FUNCTION IF EXISTS gone(int); DROP FUNCTION IF EXISTS add1(text); DROP AGGREGATE IF EXISTS gone(int); DROP TYPE IF EXISTS gone; DROP DOMAIN IF EXISTS gone; DROP OPERATOR IF EXISTS === (int, int); DROP STATISTICS IF EXISTS gone
        """,
        "DROP TRIGGER IF EXISTS gone ON orders; CREATE TRIGGER gone BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION upd(); DROP TRIGGER IF EXISTS other ON orders",
    ];

    /// <summary>What IF EXISTS names was there under another name, or has been created before.</summary>
    private static readonly string[] Found =
    [
        "ALTER FUNCTION add1(int) RENAME TO add2; DROP FUNCTION IF EXISTS add2(int)", "ALTER FUNCTION add1(int) SET SCHEMA app; DROP FUNCTION IF EXISTS app.add1(int)", "DO $$BEGIN ALTER FUNCTION add1(int) RENAME TO add2; END$$; DROP FUNCTION IF EXISTS add2(int)",
        "CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION IF EXISTS fresh()", "ALTER TYPE lone RENAME TO lone2; DROP TYPE IF EXISTS lone2", "ALTER TYPE lone RENAME TO lone2; DROP TYPE IF EXISTS lone2 CASCADE", "DO $$BEGIN EXECUTE 'ALTER TYPE lone RENAME TO lone2'; END$$; DROP TYPE IF EXISTS lone2 CASCADE", "ALTER DOMAIN filled RENAME TO filled2; DROP DOMAIN IF EXISTS filled2", "ALTER SCHEMA app RENAME TO app2; DROP FUNCTION IF EXISTS app2.app_many(text)",
        "ALTER TRIGGER t_upd ON orders RENAME TO t_upd2; DROP TRIGGER IF EXISTS t_upd2 ON orders", "ALTER TABLE orders RENAME TO orders2; DROP TRIGGER IF EXISTS t_upd ON orders2", "ALTER POLICY pol ON users RENAME TO pol2; DROP POLICY IF EXISTS pol2 ON users",
        "ALTER TABLE users RENAME CONSTRAINT age_pos TO age_pos2; ALTER TABLE users DROP CONSTRAINT IF EXISTS age_pos2", "ALTER TABLE users RENAME TO people; ALTER TABLE people DROP CONSTRAINT IF EXISTS age_pos",
    ];

    /// <summary>They are about the session's own table alone.</summary>
    private static readonly string[] OfTemporaryTables =
    [
        "CREATE TEMP TABLE plain (id int); ALTER TABLE plain RENAME TO mine", "CREATE TEMP TABLE plain (id int); ALTER TABLE plain ADD COLUMN n int DEFAULT 1; SELECT count(*) FROM wide",
        "CREATE TEMP TABLE orders (id int, n int); TRUNCATE orders; LOCK TABLE orders; CREATE INDEX orders_n ON orders (n); ALTER TABLE orders ALTER n SET NOT NULL; ALTER TABLE orders DROP COLUMN n; UPDATE orders SET id = NULL; DELETE FROM orders; DROP TABLE orders",
        "CREATE TEMP TABLE plain (id int); ALTER TABLE plain RENAME TO orders; ALTER TABLE orders RENAME COLUMN id TO n; DROP TABLE orders",
    ];

    /// <summary>The table that a temporary one hid.</summary>
    private static readonly (string Sql, string Rule)[] OfHiddenTables =
    [
        ("CREATE TEMP TABLE plain (id int); ALTER TABLE public.plain RENAME TO other", "rename-table"), ("CREATE TEMP TABLE plain (id int); ALTER TABLE plain RENAME TO mine; ALTER TABLE plain RENAME TO other", "rename-table"),
        ("CREATE TEMP TABLE plain (id int); ALTER TABLE plain ADD COLUMN n int; ALTER TABLE public.plain ADD COLUMN n int", "missing-lock-timeout"), ("CREATE TEMP TABLE plain (id int); ALTER TABLE public.plain ADD COLUMN n int; SELECT count(*) FROM wide", "work-under-lock"),
        ("CREATE TEMP TABLE kept (id int); ALTER TABLE kept RENAME TO mine; ALTER TABLE app.kept DROP COLUMN email", "drop-column"),
    ];

    [Fact]
    public Task Exactly_the_statements_that_PostgreSQL_refuses_regardless_of_the_rows_are_reported_as_failing() =>
        RightAsync(Statements, (refused, findings) =>
            refused == findings.Exists(f => f.WouldFail)
            && !(refused && findings.Exists(f => f is { Rule: "add-unique" or "add-check" or "add-foreign-key", Severity: FindingSeverity.Info })));

    [Fact]
    public Task A_statement_that_changes_nothing_has_no_finding_above_info() =>
        RightAsync(Idle, (refused, findings) => !refused && !findings.Exists(f => f.Severity != FindingSeverity.Info && f.Rule != "missing-lock-timeout"));

    [Fact]
    public Task An_object_that_IF_EXISTS_finds_under_a_new_name_is_reported() =>
        RightAsync(Found, (refused, findings) => !refused && findings.Exists(f => f.Severity != FindingSeverity.Info && f.Rule.StartsWith("drop-", StringComparison.Ordinal)));

    [Fact]
    public Task Changes_to_a_temporary_table_are_not_reported_for_the_table_that_it_hides() =>
        RightAsync(OfTemporaryTables, (refused, findings) => !refused && !findings.Exists(f => f.Severity != FindingSeverity.Info));

    [Fact]
    public async Task Changes_to_a_table_that_a_temporary_table_hides_are_reported()
    {
        foreach (var of in OfHiddenTables.GroupBy(t => t.Rule))
            await RightAsync(of.Select(t => t.Sql), (refused, findings) => !refused && findings.Exists(f => f.Rule == of.Key && f.Severity != FindingSeverity.Info));
    }

    [Fact]
    public Task An_update_through_a_temporary_view_is_reported_only_for_its_base_table() =>
        RightAsync(["CREATE OR REPLACE TEMPORARY VIEW orders AS SELECT * FROM app.kept; UPDATE orders SET email = NULL", "CREATE TEMP VIEW orders AS SELECT id, email FROM app.kept; UPDATE orders SET email = 'x'"], (refused, findings) =>
            !refused && findings.FindAll(f => f.Severity == FindingSeverity.Destructive) is [var only] && only.Message.Contains("2 rows", StringComparison.Ordinal));

    [Fact]
    public Task Statements_are_not_reported_as_failing_if_earlier_statements_change_the_catalog_state_they_depend_on() =>
        RightAsync(Taken, (refused, findings) => !refused && !findings.Exists(f => f.WouldFail));

    [Fact]
    public async Task A_value_that_an_earlier_file_adds_to_an_enum_can_be_a_default()
    {
        string[] files = ["ALTER TYPE mood ADD VALUE 'great'", "ALTER TABLE users ALTER COLUMN mood SET DEFAULT 'great'; ALTER TABLE orders ADD COLUMN mood mood NOT NULL DEFAULT 'great'; CREATE TABLE made (id int, mood mood NOT NULL DEFAULT 'great')"];
        var target = await pg.CreateDatabaseAsync("outcomes", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);

        Assert.DoesNotContain(await JudgedAsync(connection, target, files), f => f.WouldFail);
        foreach (var file in files)
            await connection.ExecuteAsync(file, CancellationToken.None);
    }

    [Fact]
    public Task A_name_that_an_earlier_statement_may_have_created_is_not_reported_as_missing() =>
        RightAsync(Renamed, (refused, findings) => !refused && findings.Exists(f => f.Severity == FindingSeverity.Destructive));

    private async Task RightAsync(IEnumerable<string> statements, Func<bool, List<MigrationFinding>, bool> isRight)
    {
        var target = await pg.CreateDatabaseAsync("outcomes", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var wrong = new List<string>();
        foreach (var sql in statements)
        {
            var findings = await JudgedAsync(connection, target, sql);
            var error = await ErrorAsync(connection, sql);
            if (!isRight(error is not null, findings))
                wrong.Add($"{sql}\n  {error ?? "succeeds"}\n{string.Concat(findings.Select(f => $"  {f.Severity}{(f.WouldFail ? " WOULD FAIL" : "")} {f.Rule}: {f.Message}\n"))}");
        }

        Assert.True(wrong.Count == 0, string.Concat(wrong));
    }

    private static async Task<List<MigrationFinding>> JudgedAsync(NpgsqlConnection connection, DatabaseTarget target, params string[] files)
    {
        await using var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None);
        var judged = new List<MigrationFinding>();
        foreach (var finding in MigrationAnalyser.Analyse(files.Select((sql, i) => new SqlScript($"{i + 1}.sql", sql)), serverMajor: connection.PostgreSqlVersion.Major))
            judged.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
        return judged;
    }

    private static async Task<string?> ErrorAsync(NpgsqlConnection connection, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.ExecuteAsync(sql, CancellationToken.None);
            return null;
        }
        catch (PostgresException e)
        {
            return e.MessageText;
        }
    }
}
