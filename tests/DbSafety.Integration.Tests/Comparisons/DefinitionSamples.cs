namespace DbSafety.Integration.Tests.Comparisons;

/// <summary>
/// A database with every kind of object that pg_dump's own tests dump (PostgreSQL, src/bin/pg_dump/t/002_pg_dump.pl,
/// https://github.com/postgres/postgres; the kinds are theirs, the statements are ours), and for each a change of one property.
/// </summary>
internal static class DefinitionSamples
{
    public const string Roles = "CREATE ROLE def_app; CREATE ROLE def_report; CREATE ROLE def_owner";

    /// <summary>Not copied with a database.</summary>
    public static readonly string[] Subscriptions =
    [
        "CREATE SUBSCRIPTION sub CONNECTION 'host=db.invalid dbname=shop password=first' PUBLICATION pub WITH (connect = false, slot_name = NONE)",
        "CREATE SUBSCRIPTION sub_dropped CONNECTION 'host=db.invalid' PUBLICATION pub WITH (connect = false, slot_name = NONE)",
    ];

    public const string Sql = """"
        CREATE SCHEMA s; CREATE SCHEMA s_dropped;
        CREATE EXTENSION hstore SCHEMA s; CREATE EXTENSION citext; CREATE EXTENSION postgres_fdw;

        CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text); CREATE TYPE triple AS (a int, b text); CREATE TYPE span AS RANGE (subtype = float8); CREATE TYPE shell;
        CREATE TYPE type_dropped AS ENUM ('x');
        CREATE DOMAIN zip AS text CHECK (VALUE ~ '^\d{5}$'); CREATE DOMAIN amount AS numeric(10,2) DEFAULT 0 NOT NULL; CREATE DOMAIN domain_dropped AS int;
        CREATE COLLATION german (provider = icu, locale = 'de'); CREATE COLLATION collation_dropped FROM "C";
        CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8; CREATE CONVERSION conv_dropped FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;

        CREATE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
        CREATE FUNCTION configured() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION definer() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION volatile_one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION costly() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION strict_one(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION parallel_one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION body_one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION function_dropped() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION standard_body(a int) RETURNS int LANGUAGE sql RETURN a + 1;
        CREATE PROCEDURE proc(a int) LANGUAGE plpgsql AS $$ BEGIN NULL; END $$; CREATE PROCEDURE procedure_dropped() LANGUAGE sql AS ''; CREATE FUNCTION proc_public() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION proc_public() TO PUBLIC;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
        CREATE FUNCTION mood_of(text) RETURNS mood LANGUAGE sql STABLE AS $$ SELECT 'ok'::mood $$;
        CREATE FUNCTION pair_of(text) RETURNS pair LANGUAGE sql STABLE AS $$ SELECT ROW(1, $1)::pair $$;
        CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0'); CREATE AGGREGATE aggregate_dropped(int) (SFUNC = int4pl, STYPE = int);
        CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT abs($1 - $2) < 2';
        CREATE OPERATOR ~~~ (FUNCTION = near, LEFTARG = int, RIGHTARG = int, COMMUTATOR = ~~~); CREATE OPERATOR ~~~~ (FUNCTION = near, LEFTARG = int, RIGHTARG = int);
        CREATE OPERATOR FAMILY fam USING btree; CREATE OPERATOR FAMILY family_dropped USING btree;
        CREATE OPERATOR CLASS cls FOR TYPE int USING btree FAMILY fam AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int);
        CREATE OPERATOR CLASS class_dropped FOR TYPE bigint USING btree AS OPERATOR 3 =, FUNCTION 1 btint8cmp(bigint, bigint);
        CREATE CAST (text AS mood) WITH FUNCTION mood_of(text); CREATE CAST (text AS pair) WITH FUNCTION pair_of(text) AS ASSIGNMENT;
        CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'prsd_lextype'; CREATE TRANSFORM FOR bigint LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
        CREATE TRANSFORM FOR smallint LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal));
        CREATE FUNCTION handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE FUNCTION inline_handler(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
        CREATE LANGUAGE pltest HANDLER handler; CREATE LANGUAGE language_dropped HANDLER handler;
        CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE ACCESS METHOD method_dropped TYPE TABLE HANDLER heap_tableam_handler;

        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text, code varchar(10) CHECK (code IN ('a', 'b')), total numeric(10,2) DEFAULT 0, at timestamptz NOT NULL DEFAULT now(),
                             twice numeric GENERATED ALWAYS AS (total * 2) STORED, mail citext, tags s.hstore, a int, b int, qty int CHECK ((a + b) * qty > 0), CONSTRAINT unique_note UNIQUE (note));
        CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, n int, m mood DEFAULT 'ok', price amount, PRIMARY KEY (order_id, n), CONSTRAINT check_dropped CHECK (n > 0));
        CREATE TABLE plain (a text, b text, c text, d text, e text, f text, g text); CREATE TABLE settings (id int); CREATE TABLE logged (id int); CREATE TABLE unlogged_one (id int); CREATE TABLE table_dropped (id serial, t text);
        CREATE TABLE identified (a int NOT NULL UNIQUE, b int); CREATE TABLE clustered (a int PRIMARY KEY); CREATE TABLE am_one (id int); CREATE TABLE typed OF pair; CREATE TABLE ordered (a int, b int);
        CREATE TABLE parent (id int, CHECK (id > 0)); CREATE TABLE child (extra text) INHERITS (parent); CREATE TABLE child_too (extra text) INHERITS (parent);
        CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'); CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE TABLE events_rest PARTITION OF events DEFAULT; CREATE INDEX events_at ON events (at); CREATE TRIGGER part BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE INDEX orders_at ON orders (at) WHERE total > 0; CREATE INDEX orders_low ON orders (lower(note)); CREATE INDEX index_dropped ON orders (total);
        CREATE STATISTICS stat (ndistinct, dependencies) ON note, total FROM orders; CREATE STATISTICS statistics_dropped ON note, at FROM orders;
        CREATE SEQUENCE seq; CREATE SEQUENCE seq_owned; CREATE SEQUENCE sequence_dropped;
        CREATE VIEW v AS SELECT id, note FROM orders; CREATE VIEW secure AS SELECT id FROM orders; CREATE VIEW checked AS SELECT id, total FROM orders WHERE total > 0; CREATE VIEW view_dropped AS SELECT 1 AS x;
        CREATE VIEW "In" AS SELECT id FROM orders WHERE code IN ('a', 'b') AND note NOT IN ('x,(', 'y]');
        CREATE MATERIALIZED VIEW mat AS SELECT count(*) AS n FROM orders; CREATE MATERIALIZED VIEW mat_dropped AS SELECT 1 AS x;
        CREATE RULE keep AS ON DELETE TO settings DO INSTEAD NOTHING; CREATE RULE rule_dropped AS ON UPDATE TO settings DO INSTEAD NOTHING;
        CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW WHEN (OLD.note IS DISTINCT FROM NEW.note) EXECUTE FUNCTION touch();
        CREATE TRIGGER disabled BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch(); CREATE TRIGGER trigger_dropped BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
        ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant_only ON orders TO def_app USING (total > 0) WITH CHECK (total > 0); CREATE POLICY reading ON orders FOR SELECT USING (true); CREATE POLICY policy_dropped ON orders USING (true);
        CREATE EVENT TRIGGER ddl ON ddl_command_end EXECUTE FUNCTION on_ddl(); CREATE EVENT TRIGGER event_trigger_dropped ON sql_drop EXECUTE FUNCTION on_ddl();

        CREATE FOREIGN DATA WRAPPER wrap; CREATE FOREIGN DATA WRAPPER wrapper_dropped;
        CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.invalid', dbname 'shop'); CREATE SERVER server_dropped FOREIGN DATA WRAPPER postgres_fdw;
        CREATE USER MAPPING FOR def_app SERVER remote OPTIONS (user 'u', password 'first'); CREATE USER MAPPING FOR def_report SERVER remote OPTIONS (user 'u'); CREATE USER MAPPING FOR PUBLIC SERVER remote;
        CREATE FOREIGN TABLE far (id int OPTIONS (column_name 'ident')) SERVER remote OPTIONS (table_name 'orders'); CREATE FOREIGN TABLE far_dropped (id int) SERVER remote;

        CREATE TEXT SEARCH PARSER par (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
        CREATE TEXT SEARCH PARSER parser_dropped (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
        CREATE TEXT SEARCH TEMPLATE template_dropped (LEXIZE = dsimple_lexize); CREATE TEXT SEARCH TEMPLATE tem (LEXIZE = dsimple_lexize);
        CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple, STOPWORDS = 'english'); CREATE TEXT SEARCH DICTIONARY dictionary_dropped (TEMPLATE = simple);
        CREATE TEXT SEARCH CONFIGURATION conf (COPY = english); CREATE TEXT SEARCH CONFIGURATION configuration_dropped (COPY = english);

        CREATE PUBLICATION pub FOR TABLE orders, lines (order_id, n), logged WHERE (id > 0), settings; CREATE PUBLICATION pub_schema FOR TABLES IN SCHEMA s; CREATE PUBLICATION publication_dropped FOR ALL TABLES;

        GRANT SELECT ON orders TO def_app; GRANT UPDATE (note) ON orders TO def_app; GRANT USAGE ON SCHEMA s TO def_app; GRANT USAGE ON SEQUENCE seq TO def_app; GRANT USAGE ON FOREIGN SERVER remote TO def_app;
        GRANT USAGE ON TYPE mood TO def_app; GRANT SELECT ON lines TO def_app, def_report;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO def_app; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        COMMENT ON TABLE orders IS 'first'; COMMENT ON COLUMN orders.note IS 'first'; COMMENT ON CONSTRAINT unique_note ON orders IS 'first'; COMMENT ON INDEX orders_at IS 'first'; COMMENT ON POLICY reading ON orders IS 'first';
        COMMENT ON FUNCTION add(int, int) IS 'first'; COMMENT ON SCHEMA s IS 'first'; COMMENT ON TYPE mood IS 'first'; COMMENT ON TRIGGER touched ON orders IS 'first'; COMMENT ON CAST (text AS mood) IS 'first';
        """";

    /// <summary>A statement, and how the comparison reports what it changed.</summary>
    public static readonly (string Sql, string[] Differences)[] Changes =
    [
        // Tables and columns
        ("ALTER TABLE plain ALTER a TYPE varchar(20)", ["column public.plain.a: type changed from text to character varying(20)"]),
        ("ALTER TABLE plain ALTER b TYPE text COLLATE \"C\"", ["column public.plain.b: collation changed from the default to \"C\""]),
        ("ALTER TABLE plain ALTER c SET STORAGE EXTERNAL", ["column public.plain.c: storage changed from the default to EXTERNAL"]),
        ("ALTER TABLE plain ALTER d SET STATISTICS 500", ["column public.plain.d: statistics target changed from the default to 500"]),
        ("ALTER TABLE plain ALTER e SET (n_distinct = 5)", ["column public.plain.e: attribute options changed from none to n_distinct=5"]),
        ("ALTER TABLE plain ALTER f SET COMPRESSION pglz", ["column public.plain.f: compression changed from the default to pglz"]),
        ("ALTER TABLE plain ALTER g SET NOT NULL", ["column public.plain.g: not null changed from no to yes"]),
        ("ALTER TABLE orders ALTER total SET DEFAULT 1", ["column public.orders.total: default changed from 0 to 1"]),
        ("ALTER TABLE orders ALTER id SET GENERATED BY DEFAULT", ["column public.orders.id: identity changed from GENERATED ALWAYS to GENERATED BY DEFAULT"]),
        ("ALTER TABLE orders DROP COLUMN twice, ADD twice numeric GENERATED ALWAYS AS (total * 3) STORED", ["column public.orders.twice: generation expression changed from (total * (2)::numeric) STORED to (total * (3)::numeric) STORED", "table public.orders: column order changed from id, note, code, total, at, twice, tags, a, b, qty to id, note, code, total, at, tags, a, b, qty, twice"]),
        ("ALTER TABLE orders DROP CONSTRAINT orders_check, ADD CONSTRAINT orders_check CHECK (a + b * qty > 0)", ["constraint orders_check on public.orders: definition changed from CHECK ((((a + b) * qty) > 0)) to CHECK (((a + (b * qty)) > 0))"]),
        ("ALTER TABLE ordered DROP COLUMN a; ALTER TABLE ordered ADD COLUMN a int", ["table public.ordered: column order changed from a, b to b, a"]),
        ("ALTER TABLE settings SET (fillfactor = 70, toast.autovacuum_enabled = off)", ["table public.settings: storage parameters changed from none to fillfactor=70"]),
        ("ALTER TABLE plain SET (toast.autovacuum_enabled = off)", ["table public.plain: TOAST storage parameters changed from none to autovacuum_enabled=off"]),
        ("ALTER TABLE unlogged_one SET UNLOGGED", ["table public.unlogged_one: unlogged changed from no to yes"]),
        ("ALTER TABLE am_one SET ACCESS METHOD heap2", ["table public.am_one: access method changed from the default to heap2"]),
        ("ALTER TABLE am_one SET TABLESPACE def_space", ["table public.am_one: tablespace changed from the default to def_space"]),
        ("ALTER TABLE lines REPLICA IDENTITY FULL", ["table public.lines: replica identity changed from the default to FULL"]),
        ("ALTER TABLE identified REPLICA IDENTITY USING INDEX identified_a_key", ["table public.identified: replica identity changed from the default to INDEX public.identified_a_key"]),
        ("ALTER TABLE clustered CLUSTER ON clustered_pkey", ["table public.clustered: clustered on changed from none to public.clustered_pkey"]),
        ("ALTER TABLE lines OWNER TO def_owner", ["table public.lines: owner changed from postgres to def_owner"]),
        ("ALTER TABLE orders FORCE ROW LEVEL SECURITY", ["table public.orders: force row security changed from no to yes"]),
        ("ALTER TABLE settings ENABLE ROW LEVEL SECURITY", ["table public.settings: row security changed from no to yes"]),
        ("ALTER TABLE child NO INHERIT parent", ["column public.child.id: inherited changed from yes to no", "constraint parent_id_check on public.child: it is new", "table public.child: inherits changed from public.parent to none"]),
        ("ALTER TABLE typed NOT OF", ["table public.typed: type changed from public.pair to none"]),
        ("ALTER TABLE events DETACH PARTITION events_2", ["index public.events_2_at_idx: partition of changed from public.events_at to none", "table public.events_2: partition bound changed from FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') to none", "table public.events_2: partition of changed from public.events to none"]),
        ("ALTER TABLE events DETACH PARTITION events_1; ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM ('2024-01-01') TO ('2026-01-01')", ["table public.events_1: partition bound changed from FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') to FOR VALUES FROM ('2024-01-01') TO ('2026-01-01')"]),
        ("ALTER TABLE events_rest DISABLE TRIGGER part", ["trigger part on public.events_rest: it is new"]),
        ("DROP TABLE table_dropped", ["table public.table_dropped: it is missing"]),
        // Constraints and indexes
        ("ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey; ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE DEFERRABLE",
            ["constraint lines_order_id_fkey on public.lines: definition changed from FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE to FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE DEFERRABLE"]),
        ("ALTER TABLE orders DROP CONSTRAINT orders_code_check; ALTER TABLE orders ADD CONSTRAINT orders_code_check CHECK (code IN ('a', 'b')) NOT VALID",
            ["constraint orders_code_check on public.orders: definition changed from CHECK (((code)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))) to CHECK (((code)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))) NOT VALID"]),
        ("ALTER TABLE lines DROP CONSTRAINT check_dropped", ["constraint check_dropped on public.lines: it is missing"]),
        ("ALTER INDEX unique_note SET (fillfactor = 80)", ["index public.unique_note: storage parameters changed from none to fillfactor=80"]),
        ("ALTER INDEX orders_low ALTER COLUMN 1 SET STATISTICS 300", ["index public.orders_low: statistics targets changed from none to column 1: 300"]),
        ("DROP INDEX orders_at; CREATE INDEX orders_at ON orders (at DESC) WHERE total > 0; COMMENT ON INDEX orders_at IS 'second'",
            ["index public.orders_at: comment changed from first to second", "index public.orders_at: definition changed from CREATE INDEX orders_at ON public.orders USING btree (at) WHERE (total > (0)::numeric) to CREATE INDEX orders_at ON public.orders USING btree (at DESC) WHERE (total > (0)::numeric)"]),
        ("DROP INDEX index_dropped", ["index public.index_dropped: it is missing"]),
        ("ALTER STATISTICS stat SET STATISTICS 200", ["statistics public.stat: statistics target changed from the default to 200"]),
        ("DROP STATISTICS statistics_dropped", ["statistics public.statistics_dropped: it is missing"]),
        // Sequences
        ("ALTER SEQUENCE seq INCREMENT 5 CACHE 20 CYCLE", ["sequence public.seq: cache changed from 1 to 20", "sequence public.seq: cycle changed from no to yes", "sequence public.seq: increment changed from 1 to 5"]),
        ("ALTER SEQUENCE seq_owned OWNED BY settings.id", ["sequence public.seq_owned: owned by changed from none to public.settings.id"]),
        ("DROP SEQUENCE sequence_dropped", ["sequence public.sequence_dropped: it is missing"]),
        // Views, rules, triggers and policies
        ("CREATE OR REPLACE VIEW v AS SELECT id, upper(note) AS note FROM orders", ["view public.v: query changed"]),
        ("ALTER VIEW secure SET (security_barrier = true)", ["view public.secure: options changed from none to security_barrier=true"]),
        ("ALTER VIEW checked SET (check_option = 'local')", ["view public.checked: options changed from none to check_option=local"]),
        ("DROP VIEW view_dropped", ["view public.view_dropped: it is missing"]),
        ("REFRESH MATERIALIZED VIEW mat WITH NO DATA", ["materialized view public.mat: populated changed from yes to no"]),
        ("DROP MATERIALIZED VIEW mat_dropped", ["materialized view public.mat_dropped: it is missing"]),
        ("ALTER TABLE settings DISABLE RULE keep", ["rule keep on public.settings: state changed from ENABLE to DISABLE"]),
        ("DROP RULE rule_dropped ON settings", ["rule rule_dropped on public.settings: it is missing"]),
        ("ALTER TABLE orders ENABLE ALWAYS TRIGGER disabled", ["trigger disabled on public.orders: state changed from ENABLE to ENABLE ALWAYS"]),
        ("DROP TRIGGER trigger_dropped ON orders", ["trigger trigger_dropped on public.orders: it is missing"]),
        ("ALTER POLICY tenant_only ON orders TO PUBLIC", ["policy tenant_only on public.orders: roles changed from def_app to PUBLIC"]),
        ("ALTER POLICY reading ON orders USING (total > 1); COMMENT ON POLICY reading ON orders IS NULL", ["policy reading on public.orders: USING expression changed from true to (total > (1)::numeric)", "policy reading on public.orders: comment changed from first to none"]),
        ("DROP POLICY policy_dropped ON orders", ["policy policy_dropped on public.orders: it is missing"]),
        ("ALTER EVENT TRIGGER ddl DISABLE", ["event trigger ddl: state changed from ENABLE to DISABLE"]),
        ("DROP EVENT TRIGGER event_trigger_dropped", ["event trigger event_trigger_dropped: it is missing"]),
        // Functions and what is made of them
        ("ALTER FUNCTION configured() SET work_mem = '1MB'", ["function public.configured(): configuration parameters changed from none to work_mem=1MB"]),
        ("ALTER FUNCTION definer() SECURITY DEFINER", ["function public.definer(): security changed from INVOKER to DEFINER"]),
        ("ALTER FUNCTION volatile_one() STABLE", ["function public.volatile_one(): volatility changed from VOLATILE to STABLE"]),
        ("ALTER FUNCTION costly() COST 7 ROWS 8", ["function public.costly(): cost changed from 100 to 7", "function public.costly(): rows changed from 1000 to 8"]),
        ("ALTER FUNCTION strict_one(int) STRICT LEAKPROOF", ["function public.strict_one(integer): leakproof changed from no to yes", "function public.strict_one(integer): strict changed from no to yes"]),
        ("ALTER FUNCTION parallel_one() PARALLEL SAFE", ["function public.parallel_one(): parallel changed from UNSAFE to SAFE"]),
        ("CREATE OR REPLACE FUNCTION body_one() RETURNS int LANGUAGE sql AS 'SELECT (1)'", ["function public.body_one(): body changed from SELECT 1 to SELECT (1)"]),
        ("CREATE OR REPLACE FUNCTION standard_body(a int) RETURNS int LANGUAGE sql RETURN a + 2", ["function public.standard_body(integer): body changed from RETURN (a + 1) to RETURN (a + 2)"]),
        ("CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b'", ["function public.add(integer, integer): arguments changed from a integer, b integer DEFAULT 1 to a integer, b integer DEFAULT 2"]),
        ("DROP FUNCTION function_dropped()", ["function public.function_dropped(): it is missing"]),
        ("ALTER PROCEDURE proc(int) OWNER TO def_owner", ["procedure public.proc(integer): owner changed from postgres to def_owner"]),
        ("DROP PROCEDURE procedure_dropped()", ["procedure public.procedure_dropped(): it is missing"]),
        ("CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4larger, STYPE = int, INITCOND = '0')", ["aggregate public.total(integer): state transition function changed from int4pl to int4larger"]),
        ("DROP AGGREGATE aggregate_dropped(int)", ["aggregate public.aggregate_dropped(integer): it is missing"]),
        ("ALTER OPERATOR ~~~ (int, int) SET (RESTRICT = eqsel)", ["operator public.~~~ (integer, integer): restriction selectivity function changed from none to eqsel"]),
        ("DROP OPERATOR ~~~~ (int, int)", ["operator public.~~~~ (integer, integer): it is missing"]),
        ("ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int, bigint)", ["operator family public.fam using btree: operators changed from none to 1 <(integer,bigint)"]),
        ("ALTER OPERATOR CLASS cls USING btree OWNER TO def_owner", ["operator class public.cls using btree: owner changed from postgres to def_owner"]),
        ("DROP OPERATOR FAMILY family_dropped USING btree", ["operator family public.family_dropped using btree: it is missing"]),
        ("DROP OPERATOR CLASS class_dropped USING btree", ["operator class public.class_dropped using btree: it is missing"]),
        ("DROP CAST (text AS mood); CREATE CAST (text AS mood) WITH FUNCTION mood_of(text) AS ASSIGNMENT; COMMENT ON CAST (text AS mood) IS 'first'", ["cast (text AS public.mood): context changed from EXPLICIT to ASSIGNMENT"]),
        ("DROP CAST (text AS pair)", ["cast (text AS public.pair): it is missing"]),
        ("CREATE OR REPLACE TRANSFORM FOR bigint LANGUAGE sql (FROM SQL WITH FUNCTION from_sql(internal))", ["transform for bigint language sql: FROM SQL function changed from prsd_lextype(internal) to public.from_sql(internal)"]),
        ("DROP TRANSFORM FOR smallint LANGUAGE sql", ["transform for smallint language sql: it is missing"]),
        ("CREATE OR REPLACE LANGUAGE pltest HANDLER handler INLINE inline_handler", ["language pltest: inline handler changed from none to public.inline_handler"]),
        ("DROP LANGUAGE language_dropped", ["language language_dropped: it is missing"]),
        ("DROP ACCESS METHOD method_dropped", ["access method method_dropped: it is missing"]),
        // Types
        ("ALTER TYPE mood ADD VALUE 'glad'", ["type public.mood: labels changed from 'sad', 'ok' to 'sad', 'ok', 'glad'"]),
        ("ALTER TYPE span OWNER TO def_owner", ["type public.span: owner changed from postgres to def_owner"]),
        ("ALTER TYPE triple ADD ATTRIBUTE c int", ["column public.triple.c: it is new"]),
        ("DROP TYPE type_dropped", ["type public.type_dropped: it is missing"]),
        ("DROP TYPE shell", ["type public.shell: it is missing"]),
        ("ALTER DOMAIN amount SET DEFAULT 1", ["domain public.amount: default changed from 0 to 1"]),
        ("ALTER DOMAIN zip DROP CONSTRAINT zip_check; ALTER DOMAIN zip ADD CONSTRAINT zip_check CHECK (VALUE ~ '^\\d{4}$')", ["constraint zip_check on public.zip: definition changed from CHECK ((VALUE ~ '^\\d{5}$'::text)) to CHECK ((VALUE ~ '^\\d{4}$'::text))"]),
        ("DROP DOMAIN domain_dropped", ["domain public.domain_dropped: it is missing"]),
        ("DROP COLLATION german; CREATE COLLATION german (provider = icu, locale = 'de-AT')", ["collation public.german: locale changed from de to de-AT"]),
        ("DROP COLLATION collation_dropped", ["collation public.collation_dropped: it is missing"]),
        ("DROP CONVERSION conv; CREATE DEFAULT CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", ["conversion public.conv: default conversion changed from no to yes"]),
        ("DROP CONVERSION conv_dropped", ["conversion public.conv_dropped: it is missing"]),
        // Foreign data
        ("ALTER FOREIGN DATA WRAPPER wrap OPTIONS (debug 'true')", ["foreign-data wrapper wrap: options changed from none to debug=true"]),
        ("ALTER SERVER remote OPTIONS (SET host 'other.invalid')", ["server remote: options changed from dbname=shop, host=db.invalid to dbname=shop, host=other.invalid"]),
        ("ALTER USER MAPPING FOR def_app SERVER remote OPTIONS (SET password 'second')", ["user mapping for def_app server remote: password changed"]),
        ("ALTER USER MAPPING FOR def_report SERVER remote OPTIONS (SET user 'w')", ["user mapping for def_report server remote: options changed from user=u to user=w"]),
        ("DROP USER MAPPING FOR PUBLIC SERVER remote", ["user mapping for PUBLIC server remote: it is missing"]),
        ("ALTER FOREIGN TABLE far OPTIONS (SET table_name 'other')", ["foreign table public.far: options changed from table_name=orders to table_name=other"]),
        ("ALTER FOREIGN TABLE far ALTER id OPTIONS (SET column_name 'number')", ["column public.far.id: options changed from column_name=ident to column_name=number"]),
        ("DROP FOREIGN TABLE far_dropped", ["foreign table public.far_dropped: it is missing"]),
        ("DROP SERVER server_dropped", ["server server_dropped: it is missing"]),
        ("DROP FOREIGN DATA WRAPPER wrapper_dropped", ["foreign-data wrapper wrapper_dropped: it is missing"]),
        // Text search
        ("ALTER TEXT SEARCH DICTIONARY dict (STOPWORDS = 'german')", ["text search dictionary public.dict: options changed from stopwords = 'english' to stopwords = 'german'"]),
        ("ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR asciiword WITH simple", ["text search configuration public.conf mapping for asciiword: dictionaries changed from english_stem to simple"]),
        ("DROP TEXT SEARCH PARSER parser_dropped", ["text search parser public.parser_dropped: it is missing"]),
        ("DROP TEXT SEARCH TEMPLATE template_dropped", ["text search template public.template_dropped: it is missing"]),
        ("DROP TEXT SEARCH DICTIONARY dictionary_dropped", ["text search dictionary public.dictionary_dropped: it is missing"]),
        ("DROP TEXT SEARCH CONFIGURATION configuration_dropped", ["text search configuration public.configuration_dropped: it is missing"]),
        // Replication
        ("ALTER PUBLICATION pub SET (publish = 'insert', publish_via_partition_root = true)", ["publication pub: publish changed from insert, update, delete, truncate to insert", "publication pub: publish_via_partition_root changed from no to yes"]),
        ("ALTER PUBLICATION pub SET TABLE orders, lines (order_id), logged WHERE (id > 1)",
            ["table public.logged in publication pub: WHERE expression changed from (id > 0) to (id > 1)", "table public.lines in publication pub: columns changed from order_id, n to order_id", "table public.settings in publication pub: it is missing"]),
        ("ALTER PUBLICATION pub_schema DROP TABLES IN SCHEMA s", ["tables in schema s in publication pub_schema: it is missing"]),
        ("DROP PUBLICATION publication_dropped", ["publication publication_dropped: it is missing"]),
        ("ALTER SUBSCRIPTION sub SET (binary = true)", ["subscription sub: binary changed from no to yes"]),
        ("ALTER SUBSCRIPTION sub CONNECTION 'host=other.invalid dbname=shop password=second'", ["subscription sub: connection changed from host=db.invalid dbname=shop password=*** to host=other.invalid dbname=shop password=***", "subscription sub: password changed"]),
        ("DROP SUBSCRIPTION sub_dropped", ["subscription sub_dropped: it is missing"]),
        // Schemas, extensions, privileges and comments
        ("ALTER SCHEMA s OWNER TO def_owner", ["schema s: owner changed from postgres to def_owner"]),
        ("DROP SCHEMA s_dropped", ["schema s_dropped: it is missing"]),
        ("DROP EXTENSION citext CASCADE", ["column public.orders.mail: it is missing", "extension citext: it is missing"]),
        ("ALTER EXTENSION hstore SET SCHEMA public", ["column public.orders.tags: type changed from s.hstore to public.hstore", "extension hstore: schema changed from s to public"]),
        ("GRANT INSERT ON orders TO def_app WITH GRANT OPTION", ["table public.orders: privileges of def_app changed from SELECT to INSERT WITH GRANT OPTION, SELECT"]),
        ("GRANT UPDATE (code) ON orders TO def_app", ["column public.orders.code: privileges of def_app changed from none to UPDATE"]),
        ("REVOKE SELECT ON lines FROM def_report", ["table public.lines: privileges of def_report changed from SELECT to none"]),
        ("REVOKE EXECUTE ON FUNCTION proc_public() FROM PUBLIC", ["function public.proc_public(): privileges of PUBLIC changed from the default to none"]),
        ("GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO def_app", ["function pg_catalog.pg_read_file(pg_catalog.text): privileges of def_app changed from none to EXECUTE"]),
        ("REVOKE USAGE ON SCHEMA s FROM def_app", ["schema s: privileges of def_app changed from USAGE to none"]),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", ["schema public: privileges of PUBLIC changed from the default to CREATE, USAGE"]),
        ("REVOKE USAGE ON SEQUENCE seq FROM def_app", ["sequence public.seq: privileges of def_app changed from USAGE to none"]),
        ("REVOKE USAGE ON FOREIGN SERVER remote FROM def_app", ["server remote: privileges of def_app changed from USAGE to none"]),
        ("REVOKE USAGE ON TYPE mood FROM PUBLIC", ["type public.mood: privileges of PUBLIC changed from the default to none"]),
        ("ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO def_app", ["default privileges for role postgres in schema s on tables: privileges of def_app changed from SELECT to INSERT, SELECT"]),
        ("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC", ["default privileges for role postgres on functions: it is missing"]),
        ("COMMENT ON TABLE orders IS 'second'", ["table public.orders: comment changed from first to second"]),
        ("COMMENT ON COLUMN orders.note IS NULL", ["column public.orders.note: comment changed from first to none"]),
        ("COMMENT ON CONSTRAINT unique_note ON orders IS 'second'", ["constraint unique_note on public.orders: comment changed from first to second"]),
        ("COMMENT ON FUNCTION add(int, int) IS 'second'", ["function public.add(integer, integer): comment changed from first to second"]),
    ];
}
