using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores.Swaps;

public sealed class AutovacuumTests
{
    [Fact]
    public async Task An_autovacuum_worker_is_not_signaled_and_does_not_block_an_owner()
    {
        // One page in a tenth of a second: the worker is there until the rename ends it.
        await using var server = await ScratchServer.StartAsync(
            null, new RecordedEvents(), CancellationToken.None, "autovacuum_naptime=1s", "autovacuum_vacuum_cost_limit=1", "autovacuum_vacuum_cost_delay=100ms", "autovacuum_vacuum_threshold=1");
        await PgServer.ExecuteAsync(server.Target, "CREATE ROLE owner LOGIN CREATEDB");
        var pair = await SwapPair.CreateAsync(server.Target, "owner");
        await PgServer.ExecuteAsync(pair.Live, "CREATE TABLE big AS SELECT i, repeat('x', 500) AS text FROM generate_series(1, 5000) i; DELETE FROM big WHERE i % 2 = 0");
        await Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(server.Target, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND datname = '{pair.Live.Database}')"));

        await pair.SwapAsync(user: "owner");

        Assert.Equal(2, await pair.LiveRowsAsync());
    }
}
