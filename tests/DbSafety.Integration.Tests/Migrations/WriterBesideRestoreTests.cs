using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;
using Npgsql;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(MigrationServerGroup.Name)]
public sealed class WriterBesideRestoreTests(PgServer pg)
{
    /// <summary>Only where a later transaction has ended before the snapshot, the open one is in the snapshot's list of running ids.</summary>
    [Theory]
    [InlineData("migration run: backed up")]
    [InlineData("migration run: script applied")]
    [InlineData("restore after failure: concurrent writes checked")]
    [InlineData("swap: checked")]
    public async Task A_transaction_in_progress_in_the_snapshot_is_in_the_live_database_although_later_transactions_ended(string moment)
    {
        using var shop = await ShopAsync();
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "writer");
        await writer.ExecuteAsync("BEGIN", CancellationToken.None);
        await writer.ExecuteAsync("UPDATE categories SET name = 'paid' WHERE id = 3", CancellationToken.None);
        await PgServer.ExecuteAsync(shop.Target, "SELECT txid_current()");
        using var at = StepListener.At(moment, () => writer.ExecuteAsync("COMMIT", CancellationToken.None));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(at.Reached(moment), shop.Events.Text + string.Join("\n", at.Points));
        Assert.True(await shop.CountAsync("categories WHERE name = 'paid'") == 1, failure.Hint + shop.Events.Text);
        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
    }

    [Theory]
    [InlineData("restore after failure: tables locked")]
    [InlineData("restore after failure: rows examined")]
    public async Task A_session_that_is_already_connected_cannot_commit_between_the_check_and_the_swap(string moment)
    {
        using var shop = await ShopAsync();
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "writer");
        var writing = Task.FromResult(false);
        using var at = StepListener.At(moment, async () =>
        {
            writing = CommitsAsync(writer);
            await Wait.UntilAsync(async () => writing.IsCompleted || await PgServer.ScalarAsync<bool>(pg.Target, $"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {writer.ProcessID} AND NOT granted)"));
        });

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(at.Reached(moment), shop.Events.Text + string.Join("\n", at.Points));
        Assert.Equal(await writing ? 1 : 0, await shop.CountAsync("nothing WHERE id = 7"));
    }

    private static async Task<bool> CommitsAsync(NpgsqlConnection writer)
    {
        try
        {
            await writer.ExecuteAsync("INSERT INTO nothing VALUES (7)", CancellationToken.None);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<Shop> ShopAsync() =>
        (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
}
