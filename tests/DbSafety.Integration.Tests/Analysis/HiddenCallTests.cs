using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Functions of a real database that statements call without naming them.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class HiddenCallTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE items (id int PRIMARY KEY, n int);
        INSERT INTO items SELECT i, i FROM generate_series(1, 5) i;
        CREATE TABLE kept (id int);
        INSERT INTO kept VALUES (1);
        CREATE FUNCTION clears() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM items; RETURN 1; END';
        CREATE FUNCTION clears_deep(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT clears() + $1';
        CREATE FUNCTION builds() RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE ''DELETE FROM '' || ''items''; RETURN 1; END';
        CREATE FUNCTION computes(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
        CREATE FUNCTION stamps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := NEW.id + 0; RETURN NEW; END';
        CREATE FUNCTION sweeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM items; RETURN NEW; END';
        CREATE TABLE with_default (id int, n int DEFAULT clears());
        CREATE VIEW over_default AS SELECT id AS nr FROM with_default;
        CREATE TABLE with_check (id int, CONSTRAINT c CHECK (clears() > 0) NOT VALID);
        CREATE TABLE with_trigger (id int); CREATE TRIGGER t BEFORE INSERT ON with_trigger FOR EACH ROW EXECUTE FUNCTION sweeps();
        CREATE TABLE with_generated (id int, n int GENERATED ALWAYS AS (clears_deep(id)) STORED);
        CREATE TABLE with_index (id int); CREATE INDEX ON with_index (clears_deep(id));
        CREATE DOMAIN positive AS int CHECK (clears() > 0);
        CREATE TABLE with_domain (n positive);
        CREATE TABLE parent (id int, n int DEFAULT 0) PARTITION BY LIST (n); CREATE TABLE part PARTITION OF parent DEFAULT; CREATE TRIGGER t BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION sweeps();
        CREATE TABLE harmless (id int DEFAULT computes(1), n int CHECK (computes(n) > 0)); CREATE TRIGGER t BEFORE INSERT OR UPDATE ON harmless FOR EACH ROW EXECUTE FUNCTION stamps();
        CREATE TABLE with_trigger_none (id int);
        CREATE VIEW seen AS SELECT id, clears() FROM kept; CREATE VIEW over_seen AS SELECT * FROM seen;
        CREATE MATERIALIZED VIEW stored AS SELECT id, clears() FROM kept WITH NO DATA;
        """;

    [Theory]
    [InlineData("ALTER TABLE kept ADD COLUMN k int DEFAULT clears()")]
    [InlineData("ALTER TABLE kept ADD CONSTRAINT c CHECK (clears() > 0)")]
    [InlineData("ALTER TABLE kept ADD COLUMN k int CHECK (clears() > 0)")]
    [InlineData("ALTER TABLE kept ALTER id TYPE bigint USING clears()")]
    [InlineData("ALTER TABLE kept ADD COLUMN k int GENERATED ALWAYS AS (clears_deep(1)) STORED")]
    [InlineData("CREATE INDEX ON kept (clears_deep(id))")]
    [InlineData("ALTER TABLE with_check VALIDATE CONSTRAINT c")]
    [InlineData("CREATE DOMAIN dd AS int CHECK (clears() > 0); SELECT 1::dd")]
    [InlineData("CREATE TABLE tt (id int, n int DEFAULT clears()); INSERT INTO tt (id) VALUES (1)")]
    [InlineData("INSERT INTO with_default (id) VALUES (1)")]
    [InlineData("INSERT INTO over_default VALUES (1)")]
    [InlineData("INSERT INTO with_check VALUES (1)")]
    [InlineData("INSERT INTO with_trigger VALUES (1)")]
    [InlineData("INSERT INTO with_generated VALUES (1)")]
    [InlineData("INSERT INTO with_index VALUES (1)")]
    [InlineData("INSERT INTO with_domain VALUES (1)")]
    [InlineData("INSERT INTO parent VALUES (1)")]
    [InlineData("DO $$ BEGIN INSERT INTO with_trigger VALUES (1); END $$")]
    [InlineData("SELECT 1::positive")]
    [InlineData("SELECT * FROM over_seen")]
    [InlineData("REFRESH MATERIALIZED VIEW stored")]
    [InlineData("CREATE VIEW mine AS SELECT clears() FROM kept; SELECT * FROM mine")]
    [InlineData("CREATE VIEW mine AS SELECT id, clears() AS n FROM kept; CREATE VIEW over AS SELECT * FROM mine; INSERT INTO with_trigger_none SELECT n FROM over")]
    [InlineData("CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'DELETE FROM items; SELECT 1'; CREATE VIEW mine AS SELECT own() FROM kept; SELECT * FROM mine LIMIT 1")]
    [InlineData("CREATE VIEW mine AS SELECT id, clears() AS n FROM kept; DO $$ BEGIN PERFORM count(*) FROM mine WHERE n > 0; END $$")]
    public async Task Functions_that_PostgreSQL_calls_implicitly_are_analysed(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        Assert.Contains(await FindAsync(shop), f => f is { Severity: FindingSeverity.Destructive, Rule: "delete-without-where", Object: "items" } && f.Message.Contains("5 rows would be lost", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INSERT INTO harmless (n) VALUES (1); UPDATE harmless SET n = 2 WHERE id = 1", "")]
    [InlineData("UPDATE with_default SET id = 1 WHERE id = 2; DELETE FROM with_trigger WHERE false", "")]
    [InlineData("ALTER TABLE kept ADD COLUMN k int DEFAULT builds()", "dynamic-sql")]
    [InlineData("ALTER TABLE kept ADD COLUMN k int DEFAULT computes(2)", "")]
    [InlineData("CREATE VIEW mine AS SELECT computes(id), lower('A') FROM kept; SELECT * FROM mine; CREATE VIEW clearing AS SELECT clears(); DROP VIEW clearing", "")]
    public async Task Functions_that_only_compute_have_no_finding_and_unreadable_functions_are_opaque(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var found = (await FindAsync(shop)).Where(f => f.Severity == FindingSeverity.Opaque || f.Rule == "delete-without-where").Select(f => f.Rule).Distinct();
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Fact]
    public async Task The_finding_names_the_function_and_its_caller()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "INSERT INTO with_default (id) VALUES (1)");
        var finding = Assert.Single(await FindAsync(shop), f => f.Severity == FindingSeverity.Destructive);
        Assert.EndsWith("in function clears, called by default value for column n of table with_default: 5 rows would be lost", finding.Message, StringComparison.Ordinal);
        await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
