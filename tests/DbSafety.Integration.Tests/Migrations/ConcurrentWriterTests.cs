using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Stages.Results;
using Npgsql;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Another session commits at each moment of a run that fails: what it was told is committed is in the live database afterwards.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class ConcurrentWriterTests(PgServer pg)
{
    private const string Left = "was not restored";

    private static readonly string[] Moments =
    [
        "migration run: backed up",
        "migration run: rehearsed",
        "migration run: script applied",
        "restore after failure: concurrent writes checked",
        "swap: checked",
    ];

    public static TheoryData<string, string, string> Writers()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var moment in Moments)
        {
            data.Add(moment, "INSERT INTO nothing VALUES (7)", "nothing WHERE id = 7");
            data.Add(moment, "UPDATE categories SET name = 'paid' WHERE id = 3", "categories WHERE name = 'paid'");
            data.Add(moment, "DELETE FROM categories WHERE id = 1000; INSERT INTO categories VALUES (2000, 'paid', true)", "categories WHERE id = 2000");
        }

        return data;
    }

    public static TheoryData<string> AllMoments => [.. Moments];

    [Theory]
    [MemberData(nameof(Writers))]
    public async Task Committed_rows_of_concurrent_writers_remain_in_the_live_database(string moment, string sql, string found)
    {
        using var shop = await ShopAsync();
        using var at = StepListener.At(moment, () => PgServer.ExecuteAsync(shop.Target, sql));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(at.Reached(moment), string.Join("\n", at.Points));
        await AssertKeptAsync(shop, failure, found);
    }

    [Theory]
    [MemberData(nameof(AllMoments))]
    public async Task Transaction_that_begins_before_the_backup_and_commits_later_remains_in_the_live_database(string moment)
    {
        using var shop = await ShopAsync();
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "writer");
        await writer.ExecuteAsync("BEGIN", CancellationToken.None);
        await writer.ExecuteAsync("UPDATE categories SET name = 'paid' WHERE id = 3", CancellationToken.None);
        using var at = StepListener.At(moment, () => writer.ExecuteAsync("COMMIT", CancellationToken.None));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(at.Reached(moment), string.Join("\n", at.Points));
        await AssertKeptAsync(shop, failure, "categories WHERE name = 'paid'");
    }

    /// <summary>Rows behind a savepoint have an id that no snapshot lists.</summary>
    [Fact]
    public async Task Rows_of_a_subtransaction_open_during_the_backup_remain_in_the_live_database()
    {
        using var shop = await ShopAsync();
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "writer");
        await writer.ExecuteAsync("BEGIN; SELECT txid_current(); SAVEPOINT s; UPDATE categories SET name = 'paid' WHERE id = 3; RELEASE s", CancellationToken.None);
        // A later id has ended.
        await PgServer.ExecuteAsync(shop.Target, "INSERT INTO categories VALUES (3001, 'ended')");
        using var at = StepListener.At("migration run: backed up", () => writer.ExecuteAsync("COMMIT", CancellationToken.None));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        await AssertKeptAsync(shop, failure, "categories WHERE name = 'paid'");
    }

    [Fact]
    public async Task Transaction_still_open_at_the_swap_prevents_the_restore()
    {
        using var shop = await ShopAsync();
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "writer");
        await writer.ExecuteAsync("BEGIN", CancellationToken.None);
        await writer.ExecuteAsync("INSERT INTO nothing VALUES (7)", CancellationToken.None);

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, LockTimeout = TimeSpan.FromSeconds(1) }, "DBS406");
        await writer.ExecuteAsync("COMMIT", CancellationToken.None);

        await AssertKeptAsync(shop, failure, "nothing WHERE id = 7");
    }

    [Theory]
    [InlineData("restore after failure: tables locked")]
    [InlineData("restore after failure: rows examined")]
    [InlineData("swap: no other session is left")]
    public async Task Writer_that_arrives_after_the_tables_are_locked_is_blocked_or_writes_to_the_restored_database(string moment)
    {
        using var shop = await ShopAsync();
        Task<bool> writing = Task.FromResult(false);
        using var at = StepListener.At(moment, () => { writing = CommitsAsync(shop.Target); });

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(at.Reached(moment), string.Join("\n", at.Points));
        Assert.True(shop.Outcome == SafeMigrationOutcome.Restored, shop.Events.Text);
        Assert.Equal(await writing ? 1 : 0, await shop.CountAsync("nothing WHERE id = 7"));
    }

    [Theory]
    [InlineData("CREATE TABLE theirs AS SELECT 1 AS id")]
    [InlineData("ALTER TABLE nothing ADD COLUMN theirs int")]
    [InlineData("CREATE FUNCTION theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("DROP TABLE nothing")]
    [InlineData("TRUNCATE categories CASCADE")]
    [InlineData("SELECT lo_from_bytea(0, 'theirs')")]
    public async Task Objects_that_another_session_creates_alters_or_drops_are_not_undone(string sql)
    {
        foreach (var moment in new[] { "migration run: script applied", "swap: checked" })
        {
            using var shop = await ShopAsync();
            using var at = StepListener.At(moment, () => PgServer.ExecuteAsync(shop.Target, sql));
            var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");
            Assert.True(SafeMigrationOutcome.Failed == shop.Outcome, $"{moment}: {shop.Events.Text}");
            Assert.Contains(Left, failure.Hint, StringComparison.Ordinal);
        }
    }

    private static async Task<bool> CommitsAsync(DatabaseTarget target)
    {
        try
        {
            await PgServer.ExecuteAsync(target, "INSERT INTO nothing VALUES (7)");
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return false;
        }
    }

    private async Task<Shop> ShopAsync() =>
        (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");

    private static async Task AssertKeptAsync(Shop shop, DbSafetyException failure, string found)
    {
        Assert.True(await shop.CountAsync(found) == 1, failure.Hint + shop.Events.Text);
        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
        Assert.Contains(Left, failure.Hint, StringComparison.Ordinal);
        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        // Nothing of the restore is left, and what the run applied is still there, as the hint says.
        Assert.Equal("1_a.sql:Applied 2_b.sql:Failed", await shop.StatesAsync());
        Assert.Equal(1L, await PgServer.ScalarAsync<long>(shop.Target, $"SELECT count(*) FROM pg_database WHERE datname LIKE '{shop.Target.Database}%'"));
    }
}
