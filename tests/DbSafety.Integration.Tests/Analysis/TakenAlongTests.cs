using DbSafety.Analysis;
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
        CREATE TABLE nopk (a int); CREATE TABLE "full" (a int); ALTER TABLE "full" REPLICA IDENTITY FULL;
        CREATE TABLE events (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE FUNCTION upd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER t_upd BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION upd();
        CREATE FUNCTION chk(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
        CREATE TABLE checked (a int CONSTRAINT positive CHECK (chk(a)), b int);
        CREATE FUNCTION pol() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
        CREATE POLICY seen ON checked USING (pol());
        CREATE FUNCTION idx(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
        CREATE INDEX checked_idx ON checked (idx(b));
        CREATE FUNCTION unused() RETURNS int LANGUAGE sql AS 'SELECT 1';
        """;

    [Theory]
    [InlineData("ALTER TABLE users DROP COLUMN k CASCADE", "drop-column:users.kg 20")]
    [InlineData("ALTER TABLE users RENAME TO people; ALTER TABLE people DROP COLUMN k CASCADE", "drop-column:users.kg 20")]
    [InlineData("DROP FUNCTION add1(int) CASCADE", "drop-column:users.more 20")]
    [InlineData("DROP TEXT SEARCH CONFIGURATION tc CASCADE", "drop-column:users.words 20")]
    public async Task Columns_that_CASCADE_drops_along_are_reported_with_their_values(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var findings = await FindAsync(shop);

        Assert.Contains(expected, findings.Where(f => f.Severity == FindingSeverity.Destructive).Select(f => $"{f.AllowAs} {f.LiveFacts.GetValueOrDefault("values")}"));
        await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    [Theory]
    [InlineData("ALTER TABLE users DROP COLUMN q CASCADE", "view of_q")]
    [InlineData("DROP TABLE empty_t CASCADE", "materialized view m_e, constraint refs_e on table refs, view v_e")]
    [InlineData("ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE", "view grouped")]
    [InlineData("DROP SEQUENCE sq CASCADE", "default value for column a of table w_seq")]
    [InlineData("DROP FUNCTION upd CASCADE", "trigger t_upd on table users")]
    [InlineData("DROP FUNCTION chk CASCADE", "constraint positive on table checked")]
    [InlineData("DROP FUNCTION pol CASCADE", "policy seen on table checked")]
    [InlineData("DROP FUNCTION idx CASCADE", "index checked_idx")]
    [InlineData("DROP TYPE mood CASCADE", "column users.mood")]
    public async Task Views_constraints_and_others_that_CASCADE_drops_along_are_named_as_Breaking(string sql, string objects)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f is { Rule: "drop-cascade", Severity: FindingSeverity.Breaking });

        Assert.Contains($"by CASCADE, {objects}: ", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE users DROP COLUMN mood CASCADE")]
    [InlineData("ALTER TABLE parent DROP COLUMN b CASCADE")]
    [InlineData("DROP VIEW of_q; ALTER TABLE users DROP COLUMN q CASCADE")]
    [InlineData("DROP TABLE refs CASCADE")]
    [InlineData("DROP FUNCTION unused CASCADE")]
    public async Task CASCADE_that_drops_nothing_else_has_no_such_finding(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);

        Assert.DoesNotContain(await FindAsync(shop), f => f.Rule == "drop-cascade" || f.Message.Contains("depends on what is dropped", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CREATE FUNCTION f1(int) RETURNS void LANGUAGE sql AS 'DELETE FROM users WHERE id = $1'; SELECT f1(1)", "delete-rows")]
    [InlineData("PREPARE p(int) AS UPDATE users SET name = NULL WHERE id = $1; EXECUTE p(1)", "update-rows")]
    public async Task A_condition_with_parameters_is_not_counted_and_ends_no_analysis(string sql, string rule)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);

        Assert.Contains(await FindAsync(shop), f => f.Rule == rule && f.Severity != FindingSeverity.Info);
    }

    private static async Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), new RecordedEvents(), CancellationToken.None);
}
