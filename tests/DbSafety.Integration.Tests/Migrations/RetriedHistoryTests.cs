using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Migrations;

[Collection(MigrationServerGroup.Name)]
public sealed class RetriedHistoryTests(PgServer pg)
{
    private const string Raise = "UPDATE goods SET price = price * 100 WHERE id > 0;";

    [Theory]
    [InlineData(Raise)]
    [InlineData(Raise + " COMMIT; UPDATE goods SET price = price + 1 WHERE id > 0;")]
    public async Task A_migration_that_another_run_applies_between_two_attempts_is_not_applied_again(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, "CREATE TABLE goods (id int PRIMARY KEY, price int); INSERT INTO goods SELECT i, i FROM generate_series(0, 5) i;")).With("1_init.sql", "CREATE TABLE first (id int);");
        await shop.RunAsync(shop.Quick());
        shop.With("2_raise.sql", sql);
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None, "holder");
        await holder.ExecuteAsync("BEGIN; LOCK TABLE goods IN SHARE MODE", CancellationToken.None);
        using var at = StepListener.At("migration: lock timeout", async () =>
        {
            await holder.ExecuteAsync("COMMIT", CancellationToken.None);
            await PgServer.ExecuteAsync(shop.Target, Raise + "INSERT INTO dbsafety.migrations (name, checksum, applied_at) VALUES ('2_raise.sql', 'x', now())");
        });

        var refusal = await shop.FailsAsync(shop.Quick() with { LockTimeout = TimeSpan.FromMilliseconds(300), LockRetries = 2 }, "DBS422");

        Assert.True(at.Reached("migration: lock timeout"));
        Assert.Contains("2_raise.sql was applied by another run", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1500, await PgServer.ScalarAsync<long>(shop.Target, "SELECT sum(price) FROM goods"));
    }
}
