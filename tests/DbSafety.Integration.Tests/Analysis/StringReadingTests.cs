using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Where strings with backslashes end, beside psql and a database that has standard_conforming_strings off.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class StringReadingTests(PgServer pg)
{
    private const string Schema = "CREATE TABLE items (id int); INSERT INTO items VALUES (1);";

    [Theory]
    [InlineData("BEGIN; SET LOCAL standard_conforming_strings = off; COMMIT; SELECT '\\'; DROP TABLE items; --';", false)]
    [InlineData("BEGIN; SAVEPOINT a; SET standard_conforming_strings = off; ROLLBACK TO a; COMMIT; SELECT '\\'; DROP TABLE items; --';", false)]
    [InlineData("BEGIN; SET LOCAL standard_conforming_strings = off; SET standard_conforming_strings FROM CURRENT; COMMIT; SELECT '\\''; DROP TABLE items; --';", true)]
    public async Task Statements_that_psql_runs_are_found_and_an_ambiguous_script_is_refused(string sql, bool hasTwo)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql + "\n");
        Assert.Contains(await FindAsync(shop), f => f is { Rule: "drop-table", Object: "items", Severity: FindingSeverity.Destructive });
        await shop.FailsAsync(shop.Quick(), hasTwo ? "DBS430" : "DBS403");
        await PgServer.RunFileAsync(shop.Target, Path.Combine(shop.Migrations, "1.sql"));
        Assert.False(await ExistsAsync(shop));
    }

    [Fact]
    public async Task A_script_whose_strings_end_elsewhere_with_standard_conforming_strings_off_is_refused()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "SELECT '\\''; DROP TABLE items; --';\n");
        await PgServer.ExecuteAsync(shop.Target, $"ALTER DATABASE {SqlName.Quote(shop.Target.Database)} SET standard_conforming_strings = off");
        Assert.Contains(await FindAsync(shop), f => f is { Rule: "dynamic-sql", Severity: FindingSeverity.Opaque });
        await shop.FailsAsync(shop.Quick(), "DBS430");
        Assert.True(await ExistsAsync(shop));
    }

    private static async Task<bool> ExistsAsync(Shop shop)
    {
        await using var connection = await shop.Target.OpenAsync(CancellationToken.None);
        return await connection.ScalarAsync<bool>("SELECT to_regclass('public.items') IS NOT NULL", CancellationToken.None);
    }

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
