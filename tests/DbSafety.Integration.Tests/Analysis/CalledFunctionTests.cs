using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Functions;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Functions and sequences of a real database that scripts call and set.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class CalledFunctionTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE t (id serial PRIMARY KEY, v text);
        INSERT INTO t (v) SELECT 'v' || i FROM generate_series(1, 10) i;
        CREATE SEQUENCE loose;
        SELECT setval('loose', 100);
        CREATE EXTENSION pgcrypto; CREATE EXTENSION pg_trgm; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION dblink;
        CREATE FUNCTION clears() RETURNS void LANGUAGE plpgsql AS 'BEGIN UPDATE t SET v = NULL; END';
        CREATE FUNCTION clears_deep() RETURNS void LANGUAGE sql AS 'SELECT clears()';
        CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
        CREATE FUNCTION loops(n int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN n > 0 THEN loops(n - 1) ELSE 0 END; END';
        CREATE FUNCTION builds(x text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE x; END';
        CREATE PROCEDURE clears_all() LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; COMMIT; END';
        CREATE FUNCTION compares(text, text) RETURNS boolean LANGUAGE internal AS 'texteq';
        CREATE SCHEMA s;
        CREATE FUNCTION s.tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM t WHERE id = 1; RETURN NEW; END';
        CREATE FUNCTION s.same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE FUNCTION s.wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM t WHERE id = 1';
        CREATE PROCEDURE s.wipes() LANGUAGE sql AS 'DELETE FROM t WHERE id = 1';
        """;

    [Fact]
    public async Task A_function_of_another_schema_is_not_taken_for_one_of_the_set_with_its_name()
    {
        const string Own = "CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NEW.v; RETURN NEW; END'; CREATE TRIGGER t9 BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION ";
        const string Deletes = "CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM t WHERE id = 1; RETURN NEW; END'; CREATE TRIGGER t9 BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION ";
        const string Update = "; UPDATE t SET v = 'x' WHERE id = 5";
        using var shop = await Shop.OpenAsync(pg, Schema);
        (string Sql, bool Deletes)[] cases =
        [
            (Own + "s.tf()" + Update, true), (Own + "tf()" + Update, false), (Deletes + "s.same()" + Update, false), (Deletes + "same()" + Update, true), (Deletes + "public.same()" + Update, true),
            ("CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'SELECT 1'; SELECT s.wipe()", true),
            ("CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'SELECT 1'; SELECT wipe()", false),
            ("CREATE PROCEDURE wipes() LANGUAGE sql AS 'SELECT 1'; CALL s.wipes()", true),
        ];
        List<string> found = [];
        foreach (var (sql, _) in cases)
            found.Add($"{sql} {(await FindAsync(shop.With("1.sql", sql))).Any(f => f is { Severity: FindingSeverity.Destructive, Rule: "delete-rows" })}");
        Assert.Equal(cases.Select(c => $"{c.Sql} {c.Deletes}"), found);
    }

    [Theory]
    [InlineData("SELECT clears()", "Destructive update-without-where, Info unknown-function")]
    [InlineData("DO $$ BEGIN PERFORM clears_deep(); END $$", "Destructive update-without-where, Info unknown-function")]
    [InlineData("CALL clears_all()", "Destructive delete-without-where, Opaque dynamic-sql")]
    [InlineData("CREATE TABLE made AS SELECT clears()", "Destructive update-without-where, Info create-table, Info unknown-function")]
    [InlineData("SELECT twice(2), loops(3)", "Info unknown-function, Info unknown-function")]
    [InlineData("SELECT builds('DROP TABLE t')", "Info unknown-function, Opaque dynamic-sql")]
    [InlineData("SELECT compares('a', 'b')", "Opaque unknown-function")]
    [InlineData("SELECT not_there(1)", "Opaque unknown-function")]
    [InlineData("SELECT similarity('a', 'b'), uuid_generate_v4(), crypt('x', gen_salt('bf')), digest('a', 'sha1')", "")]
    [InlineData("SELECT strict_word_similarity_op('a', 'b')", "Info unknown-function")]
    [InlineData("SELECT dblink_exec('dbname=x', 'DROP TABLE t')", "Opaque other-server")]
    [InlineData("SELECT lo_unlink(lo_from_bytea(0, ''))", "Destructive destructive-function")]
    public async Task Effects_of_called_functions_are_analysed_where_their_source_is_readable(string sql, string expected)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var found = (await FindAsync(shop)).Where(f => f.Rule is not ("query" or "do-block")).Select(f => $"{f.Severity} {f.Rule}").Order(StringComparer.Ordinal);
        Assert.Equal(expected, string.Join(", ", found));
        if (expected.Contains("Destructive", StringComparison.Ordinal))
            await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    [Fact]
    public async Task The_finding_names_the_function_and_the_line_that_calls_it()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "SELECT 1;\nSELECT clears_deep();");
        var finding = Assert.Single(await FindAsync(shop), f => f.Severity == FindingSeverity.Destructive);
        Assert.Equal((2, 2, "1.sql"), (finding.Line, finding.Statement, finding.File));
        Assert.Equal("overwrites v in every row of t, in function clears_deep: updates up to 10 rows (how many could not be counted); 10 values of v would be overwritten with NULL", finding.Message);
    }

    [Theory]
    [InlineData("SELECT setval('t_id_seq', 1)", FindingSeverity.Breaking, "its next number would be 2, and 10 is in use")]
    [InlineData("SELECT setval(pg_get_serial_sequence('t', 'id'), (SELECT max(id) FROM t))", FindingSeverity.Info, "its next number would be 11, and no number in use is as high")]
    [InlineData("SELECT setval('t_id_seq', 10, false)", FindingSeverity.Breaking, "its next number would be 10, and 10 is in use")]
    [InlineData("ALTER SEQUENCE t_id_seq RESTART", FindingSeverity.Breaking, "its next number would be 1, and 10 is in use")]
    [InlineData("ALTER SEQUENCE t_id_seq RESTART WITH 11", FindingSeverity.Info, "its next number would be 11, and no number in use is as high")]
    [InlineData("ALTER SEQUENCE loose RESTART WITH 100", FindingSeverity.Breaking, "its next number would be 100, and its last number was 100")]
    [InlineData("SELECT setval('loose', 100)", FindingSeverity.Info, "its next number would be 101, and its last number was 100")]
    public async Task A_sequence_restart_is_compared_with_the_values_in_use(string sql, FindingSeverity severity, string reported)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == "restart-sequence");
        Assert.EndsWith(reported, finding.Message, StringComparison.Ordinal);
        Assert.Equal(severity, finding.Severity);
    }

    [Fact]
    public async Task The_list_of_built_in_functions_matches_the_functions_and_volatility_of_the_server()
    {
        await using var connection = await pg.Target.OpenAsync(CancellationToken.None);
        var own = await connection.ListAsync(
            "SELECT proname, CASE WHEN bool_or(provolatile = 'v') THEN 'v' WHEN bool_or(provolatile = 's') THEN 's' ELSE 'i' END FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND oid < 16384 GROUP BY 1",
            r => (Name: r.GetString(0), Volatility: r.GetString(1)[0]), CancellationToken.None);
        Assert.DoesNotContain(own, f => !KnownFunctions.All.TryGetValue(f.Name, out var known) || "isv".IndexOf(known, StringComparison.Ordinal) < "isv".IndexOf(f.Volatility, StringComparison.Ordinal));
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
