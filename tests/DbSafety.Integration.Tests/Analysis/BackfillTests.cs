using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>The second step of adding a column: it is filled.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class BackfillTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE people (id int PRIMARY KEY, name text, slug text, nick text);
        INSERT INTO people SELECT i, 'n' || i FROM generate_series(1, 1000) i;
        """;

    [Theory]
    [InlineData("UPDATE people SET slug = 'x'")]
    [InlineData("UPDATE people SET slug = lower(name); UPDATE people SET slug = slug || id")]
    [InlineData("INSERT INTO people VALUES (2000, 'x', 'y', 'z'); UPDATE people SET slug = 'x'")]
    public async Task A_backfill_of_a_column_that_is_NULL_in_all_rows_is_not_a_loss(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
        Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Destructive);
        await shop.RunAsync(shop.Quick());
        Assert.Equal("1.sql:Applied", await shop.StatesAsync());
    }

    /// <summary>What is there in the rows of before is counted, whatever the script has written beside it.</summary>
    [Fact]
    public async Task An_overwritten_earlier_value_is_a_loss_even_if_the_same_script_wrote_other_values()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "UPDATE people SET slug = lower(name) WHERE id > 10; UPDATE people SET slug = 'a'");
        using var at = StepListener.At("migrate: harmless statement comes next", () => PgServer.ExecuteAsync(shop.Target, "UPDATE people SET slug = 'kept' WHERE id = 1"));
        Assert.Contains("991 rows would be overwritten", (await shop.FailsAsync(shop.Quick(), "DBS421")).Message, StringComparison.Ordinal);
    }
}
