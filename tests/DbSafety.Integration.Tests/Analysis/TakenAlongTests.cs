using DbSafety.Analysis.Findings;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What CASCADE drops along, what a live database says of functions that are replaced, and what cannot be counted.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class TakenAlongTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE FUNCTION add1(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
        CREATE TEXT SEARCH CONFIGURATION tc (COPY = simple);
        CREATE TABLE users (id int PRIMARY KEY, name text, secs int, k int, kg int GENERATED ALWAYS AS (coalesce(k, 0) + secs) STORED,
            more int GENERATED ALWAYS AS (add1(secs)) STORED, words tsvector GENERATED ALWAYS AS (to_tsvector('public.tc', name)) STORED, mood mood, q int, lone int, lone2 int GENERATED ALWAYS AS (lone) STORED);
        INSERT INTO users (id, name, secs) SELECT i, 'n' || i, i FROM generate_series(1, 20) i;
        CREATE VIEW of_q AS SELECT q FROM users;
        CREATE VIEW grouped AS SELECT id, name, count(*) FROM users GROUP BY id;
        CREATE TABLE empty_t (id int PRIMARY KEY, n int);
        CREATE TABLE refs (e int CONSTRAINT refs_e REFERENCES empty_t);
        CREATE VIEW v_e AS SELECT n FROM empty_t;
        CREATE MATERIALIZED VIEW m_e AS SELECT u.id FROM users u LEFT JOIN empty_t e ON e.id = u.id;
        CREATE SEQUENCE sq;
        CREATE TABLE w_seq (a int DEFAULT nextval('sq'));
        CREATE TABLE parent (a int, b int); CREATE TABLE child () INHERITS (parent);
        CREATE TABLE nopk (a int); CREATE PUBLICATION inserts FOR TABLE nopk, users WITH (publish = 'insert'); CREATE TABLE "full" (a int); ALTER TABLE "full" REPLICA IDENTITY FULL;
        CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE FUNCTION upd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER t_upd BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION upd();
        CREATE FUNCTION chk(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
        CREATE TABLE checked (a int CONSTRAINT positive CHECK (chk(a)), b int);
        CREATE FUNCTION pol() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
        CREATE POLICY seen ON checked USING (pol());
        CREATE FUNCTION idx(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
        CREATE INDEX checked_idx ON checked (idx(b));
        CREATE SCHEMA apart; CREATE DOMAIN apart.code AS text; CREATE VIEW apart.ids AS SELECT id FROM users; CREATE TABLE apart.parts (id int) PARTITION BY RANGE (id); CREATE TABLE apart.inner_t (c apart.code);
        CREATE TABLE outer_part PARTITION OF apart.parts FOR VALUES FROM (1) TO (9); INSERT INTO outer_part VALUES (1), (2);
        CREATE TABLE coded (id int, code apart.code DEFAULT 'a'); INSERT INTO coded VALUES (1), (2); CREATE MATERIALIZED VIEW m_ids AS SELECT id FROM apart.ids; CREATE VIEW v_ids AS SELECT id FROM apart.ids;
        CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR apart.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = same); CREATE OPERATOR =!= (LEFTARG = int, RIGHTARG = int, FUNCTION = same);
        CREATE TABLE compared (n int, g boolean GENERATED ALWAYS AS (n =!= 1) STORED); INSERT INTO compared VALUES (1), (2); CREATE MATERIALIZED VIEW m_same AS SELECT n FROM compared WHERE n OPERATOR(apart.===) 1;
        CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE by_method (a int) USING own_heap; INSERT INTO by_method VALUES (1);
        CREATE FUNCTION unused() RETURNS int LANGUAGE sql AS 'SELECT 1';
        """;

    [Fact]
    public async Task Columns_that_CASCADE_drops_are_reported_with_their_values()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Severity == FindingSeverity.Destructive).Select(f => $"{f.AllowAs} {f.LiveFacts.GetValueOrDefault("values")}"),
            ("DROP FUNCTION add1(int) CASCADE", "drop-column:users.more 20"),
            ("DROP TEXT SEARCH CONFIGURATION tc CASCADE", "drop-column:users.words 20"),
            ("ALTER TABLE users RENAME TO people; ALTER TABLE people DROP COLUMN k CASCADE", "drop-column:users.kg 20"),
            ("ALTER TABLE users DROP COLUMN k CASCADE", "drop-column:users.kg 20"));
        await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    [Fact]
    public async Task Materialized_views_that_CASCADE_drops_are_reported_with_their_rows()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Severity == FindingSeverity.Destructive).Select(f => $"{f.AllowAs} {f.LiveFacts.GetValueOrDefault("rows")}"),
            ("DROP TABLE empty_t CASCADE", "drop-materialized-view:m_e 20"));
    }

    [Fact]
    public async Task Objects_that_depend_on_an_operator_or_an_access_method_are_reported()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Severity == FindingSeverity.Destructive).Select(f => $"{f.AllowAs} {string.Join(' ', f.LiveFacts.Values)}"),
            ("DROP OPERATOR =!=(int, int) CASCADE", "drop-column:compared.g 2"),
            ("DROP OPERATOR apart.===(int, int), public.=!= (int, int) CASCADE", "drop-column:compared.g 2; drop-materialized-view:m_same 2"),
            ("DROP OPERATOR ===(int, int) CASCADE", ""),
            ("DROP ACCESS METHOD own_heap CASCADE", "drop-table:by_method 1"));
    }

    [Fact]
    public async Task Dropping_a_type_of_the_set_that_an_existing_column_now_has_is_destructive()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Severity: FindingSeverity.Destructive, Rule: "drop-cascade" }).Select(f => f.Message.Split(" uses it")[1].TrimStart(':', ' ')),
            ("CREATE DOMAIN dd AS text; ALTER TABLE users ALTER COLUMN name TYPE dd; DROP DOMAIN dd CASCADE", "column users.name"),
            ("DO $$BEGIN CREATE DOMAIN dd AS text; END$$; ALTER TABLE users ALTER COLUMN name TYPE dd; DROP DOMAIN IF EXISTS dd CASCADE", ""),
            ("CREATE TYPE st AS ENUM ('a'); ALTER TABLE users ADD COLUMN st st; DROP TYPE IF EXISTS st CASCADE; CREATE TYPE st AS ENUM ('b')", "column users.st"),
            ("CREATE TYPE ct AS (a int); ALTER TABLE nopk OF ct; DROP TYPE ct CASCADE", "table nopk"),
            ("CREATE DOMAIN dd AS text; ALTER TABLE users ALTER COLUMN name TYPE dd; CREATE TEMP TABLE users (id int); DROP TABLE users; DROP DOMAIN dd CASCADE", "column users.name"),
            ("CREATE TYPE st AS ENUM ('a'); CREATE TABLE fresh (st st); DROP TYPE st CASCADE", ""));
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Severity: FindingSeverity.Destructive, Rule: "drop-schema", Object: "apart" }).Select(f => f.Message),
            ("CREATE DOMAIN dd AS text; ALTER TABLE users ALTER COLUMN name TYPE dd; ALTER DOMAIN dd SET SCHEMA apart; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: column users.name"));
    }

    [Fact]
    public async Task Objects_that_earlier_statements_move_to_a_schema_are_dropped_with_it()
    {
        using var shop = await Shop.OpenAsync(pg, "CREATE SCHEMA apart; CREATE SCHEMA \"full\"; CREATE SCHEMA old_home; CREATE TABLE old_home.a AS SELECT 1 AS id UNION SELECT 2; CREATE TABLE old_home.b AS SELECT 1 AS id; CREATE TYPE apart.old AS ENUM ('o'); CREATE TABLE apart.parent (id int); CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE TYPE st AS ENUM ('a'); CREATE TABLE u (v st); CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a");
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Severity: FindingSeverity.Destructive, Rule: "drop-schema" }).Select(f => f.Message),
            ("ALTER TABLE t SET SCHEMA apart; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: table t"),
            ("ALTER TYPE st SET SCHEMA apart; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: type st"),
            ("DO $$ BEGIN ALTER MATERIALIZED VIEW mv SET SCHEMA apart; END $$; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: materialized view mv"),
            ("CREATE TYPE apart.fresh AS ENUM ('1'); ALTER TABLE t ALTER id TYPE apart.fresh USING id::text::apart.fresh; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: column t.id"),
            ("ALTER TABLE t ADD COLUMN o apart.old; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: column t.o"),
            ("ALTER TABLE t INHERIT apart.parent; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: table t"),
            ("ALTER SCHEMA apart RENAME TO away; ALTER SCHEMA \"full\" RENAME TO apart; DROP SCHEMA apart CASCADE", "drops schema apart and, by CASCADE, what earlier statements move to it or make depend on it: schema \"full\""),
            ("CREATE TABLE made (id int); ALTER TABLE made SET SCHEMA apart; DROP SCHEMA apart CASCADE", ""),
            ("ALTER TABLE old_home.a SET SCHEMA public; DROP SCHEMA old_home CASCADE", "drops schema old_home: 1 row would be lost"),
            ("ALTER TABLE old_home.a SET SCHEMA public; ALTER TABLE old_home.b SET SCHEMA public; DROP SCHEMA old_home CASCADE", ""),
            ("ALTER TABLE old_home.a SET SCHEMA old_home; DROP SCHEMA old_home CASCADE", "drops schema old_home and, by CASCADE, what earlier statements move to it or make depend on it: table old_home.a"),
            ("ALTER TABLE old_home.a SET SCHEMA public; DO $$ BEGIN EXECUTE 'ALTER TABLE a SET SCHEMA old_home'; END $$; DROP SCHEMA old_home CASCADE", "drops schema old_home: 3 rows would be lost"),
            ("SAVEPOINT s; ALTER TABLE old_home.a SET SCHEMA public; ROLLBACK TO s; ALTER TABLE old_home.b SET SCHEMA public; DROP SCHEMA old_home CASCADE", "drops schema old_home: 2 rows would be lost"),
            ("ALTER TABLE t SET SCHEMA apart; DROP SCHEMA apart", ""),
            ("DROP SCHEMA apart CASCADE", ""));
    }

    [Fact]
    public async Task Objects_that_DROP_SCHEMA_CASCADE_drops_in_other_schemas_are_reported()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Severity: FindingSeverity.Destructive, Rule: not "drop-schema" }).Select(f => $"{f.AllowAs} {string.Join(' ', f.LiveFacts.Values)}"),
            ("DROP SCHEMA apart CASCADE", "drop-column:coded.code 2; drop-materialized-view:m_ids 20; drop-materialized-view:m_same 2; drop-table:outer_part 2"));
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Rule: "drop-cascade", Severity: FindingSeverity.Breaking }).Select(f => f.Message.Split("by CASCADE, ")[1].Split(": ")[0]), ("DROP SCHEMA apart CASCADE", "view v_ids"));
    }

    [Fact]
    public async Task Views_constraints_and_other_objects_that_CASCADE_drops_are_named_as_Breaking()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f is { Rule: "drop-cascade", Severity: FindingSeverity.Breaking }).Select(f => f.Message.Split("by CASCADE, ")[1].Split(": ")[0]),
            ("ALTER TABLE users DROP COLUMN q CASCADE", "view of_q"),
            ("DROP TABLE empty_t CASCADE", "constraint refs_e on table refs, view v_e"),
            ("ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE", "view grouped"),
            ("DROP SEQUENCE sq CASCADE", "default value for column a of table w_seq"),
            ("DROP FUNCTION upd CASCADE", "trigger t_upd on table users"),
            ("DROP FUNCTION chk CASCADE", "constraint positive on table checked"),
            ("DROP FUNCTION pol CASCADE", "policy seen on table checked"),
            ("DROP FUNCTION idx CASCADE", "index checked_idx"),
            ("DROP TYPE mood CASCADE", "column users.mood"),
            ("ALTER TABLE users DROP COLUMN mood CASCADE", ""),
            ("ALTER TABLE parent DROP COLUMN b CASCADE", ""),
            ("DROP VIEW of_q; ALTER TABLE users DROP COLUMN q CASCADE", ""),
            ("DROP TABLE refs CASCADE", ""),
            ("DROP FUNCTION unused CASCADE", ""));
    }

    [Fact]
    public async Task A_condition_with_parameters_is_not_counted_and_does_not_fail_the_analysis()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Rule is "delete-rows" or "update-rows" && f.Severity != FindingSeverity.Info).Select(f => f.Rule).Distinct(),
            ("CREATE FUNCTION f1(int) RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE id = $1'; SELECT f1(1)", "delete-rows"),
            ("PREPARE p(int) AS UPDATE users SET name = NULL WHERE id = $1; EXECUTE p(1)", "update-rows"));
    }

    [Fact]
    public async Task Replacing_a_function_is_reported_with_the_triggers_checks_policies_and_indexes_that_use_it()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Severity == FindingSeverity.Breaking).Select(f => $"{f.Rule} {f.Message.Split("used by ")[1].Split(": ")[0]}"),
            ("CREATE OR REPLACE FUNCTION upd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "rejected-writes trigger t_upd on table users"),
            ("CREATE OR REPLACE FUNCTION chk(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'", "rejected-writes constraint positive on table checked"),
            ("CREATE OR REPLACE FUNCTION pol() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false'", "hidden-rows policy seen on table checked"),
            ("CREATE OR REPLACE FUNCTION idx(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'", "hidden-rows index checked_idx"),
            ("CREATE OR REPLACE FUNCTION unused() RETURNS int LANGUAGE sql AS 'SELECT 2'", ""),
            ("CREATE OR REPLACE FUNCTION new_one() RETURNS int LANGUAGE sql AS 'SELECT 2'", ""));
    }

    [Fact]
    public async Task Replacing_a_view_is_reported_with_its_lock()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Rule == "strong-lock").Select(f => f.Message.Split(':')[0]),
            ("CREATE OR REPLACE VIEW of_q AS SELECT q FROM users WHERE q < 0", "ACCESS EXCLUSIVE on of_q"),
            ("CREATE OR REPLACE VIEW new_view AS SELECT q FROM users", ""));
    }

    [Fact]
    public async Task Published_tables_without_a_replica_identity_are_named()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Rule == "rejected-writes").Select(f => f.Message.Split("DELETE of ")[1].Split(" are ")[0]),
            ("CREATE PUBLICATION p2 FOR TABLE nopk, users", "nopk"),
            ("CREATE PUBLICATION p2 FOR TABLE users; ALTER PUBLICATION p2 ADD TABLE nopk", "nopk"),
            ("CREATE PUBLICATION p2 FOR TABLE users, \"full\"", ""),
            ("CREATE PUBLICATION p2 FOR TABLE nopk WITH (publish = 'insert')", ""),
            ("ALTER PUBLICATION inserts SET (publish = 'insert, update')", "nopk"),
            ("ALTER PUBLICATION inserts SET (publish = 'insert, truncate')", ""),
            ("ALTER PUBLICATION inserts SET (publish_via_partition_root = true)", ""));
    }

    [Fact]
    public async Task Replacing_a_trigger_and_turning_a_table_into_a_view_are_reported()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await using var connection = await shop.Target.OpenAsync(CancellationToken.None);
        await AssertEachAsync(shop, findings => findings.Where(f => f.Rule is "drop-trigger" or "rejected-writes").Select(f => $"{f.Severity} {f.Rule}: {f.Message}"),
            ("CREATE OR REPLACE TRIGGER t_upd BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION upd()",
                "Breaking drop-trigger: replaces trigger t_upd on users, which is CREATE TRIGGER t_upd BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION upd(): that trigger no longer fires"),
            ("CREATE OR REPLACE TRIGGER t_new BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION upd()", ""),
            ("CREATE RULE \"_RETURN\" AS ON SELECT TO empty_t DO INSTEAD SELECT id, secs FROM users",
                connection.PostgreSqlVersion.Major >= 16 ? "MayFail rejected-writes: creates a rule ON SELECT on empty_t: PostgreSQL 16 and later refuse that for a table" : "Breaking rejected-writes: creates a rule ON SELECT on empty_t: the table becomes a view, and writes are rejected"));
    }

    [Fact]
    public async Task Tables_that_ONLY_excludes_are_not_counted_or_locked_and_the_table_of_a_dropped_sequence_is_named()
    {
        using var shop = await Shop.OpenAsync(pg, Schema + "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1), (2);");
        await AssertEachAsync(shop, findings => findings.Where(f => f.Rule is "truncate" or "delete-without-where" or "strong-lock").Select(f => f.Rule == "strong-lock" ? f.Message.Split(':')[0] : $"{f.Rule} {f.LiveFacts["rows"]}"),
            ("SET lock_timeout = '1s'; TRUNCATE ONLY parent", "truncate 1; ACCESS EXCLUSIVE on parent"),
            ("SET lock_timeout = '1s'; TRUNCATE parent", "truncate 3; ACCESS EXCLUSIVE on parent and child"),
            ("SET lock_timeout = '1s'; DELETE FROM ONLY parent", "delete-without-where 1"),
            ("SET lock_timeout = '1s'; DELETE FROM parent", "delete-without-where 3"),
            ("SET lock_timeout = '1s'; DROP SEQUENCE sq CASCADE", "ACCESS EXCLUSIVE on sq and w_seq"));
    }

    [Fact]
    public async Task Unique_keys_that_PostgreSQL_refuses_regardless_of_the_rows_fail()
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        await AssertEachAsync(shop, findings => findings.Where(f => f.WouldFail).Select(f => f.Message.Split("PostgreSQL refuses that, because ")[1]),
            ("ALTER TABLE events ADD PRIMARY KEY (id)", "a unique key of a partitioned table must include at, by which it is partitioned"),
            ("CREATE UNIQUE INDEX cu ON events (id)", "a unique key of a partitioned table must include at, by which it is partitioned"),
            ("ALTER TABLE users ADD PRIMARY KEY (id)", "the table has primary key users_pkey"),
            ("ALTER TABLE events ADD PRIMARY KEY (id, at)", ""),
            ("ALTER TABLE refs ADD UNIQUE (e)", ""),
            ("ALTER TABLE empty_t DROP CONSTRAINT empty_t_pkey CASCADE, ADD PRIMARY KEY (id)", ""),
            ("ALTER TABLE empty_t DROP CONSTRAINT empty_t_pkey CASCADE; ALTER TABLE empty_t ADD PRIMARY KEY (id)", ""));
    }

    /// <summary>The same database for all: it is only read.</summary>
    private static async Task AssertEachAsync(Shop shop, Func<IReadOnlyList<MigrationFinding>, IEnumerable<string>> reported, params (string Sql, string Expected)[] cases)
    {
        List<string> found = [];
        foreach (var (sql, _) in cases)
            found.Add($"{sql} => {string.Join("; ", reported(await FindAsync(shop.With("1.sql", sql))))}");
        Assert.Equal(cases.Select(c => $"{c.Sql} => {c.Expected}"), found);
    }

    private static async Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), new RecordedEvents(), CancellationToken.None);
}
