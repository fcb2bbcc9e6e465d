using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores.Swaps;

[Collection(RestoreServerGroup.Name)]
public sealed class SwapFailureTests(PgServer pg)
{
    [Theory]
    [InlineData("swap: checked")]
    [InlineData("swap: database locked")]
    [InlineData("swap: current database renamed")]
    [InlineData("swap: both databases renamed")]
    [InlineData("swap: before commit")]
    public async Task The_live_database_is_unchanged_if_the_swap_sessions_are_terminated_at_any_point(string point)
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        // The rename has to wait: otherwise it can be over before anybody has seen its lock.
        await using var application = await SwapPair.ConnectAsync(pair.Live);
        using (StepListener.At(point, () => CutAsync(pair)))
            await Assert.ThrowsAnyAsync<Exception>(() => pair.SwapAsync());
        await pair.AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("swap: checked")]
    [InlineData("swap: current database renamed")]
    [InlineData("swap: both databases renamed")]
    public async Task The_live_database_is_unchanged_if_the_swap_is_canceled_before_COMMIT(string point)
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        await using var application = await SwapPair.ConnectAsync(pair.Live);
        using var cancel = new CancellationTokenSource();
        using (StepListener.At(point, cancel.Cancel))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.SwapAsync(ct: cancel.Token));
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_swap_whose_COMMIT_response_is_lost_is_checked_and_reported_as_committed()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        var events = new RecordedEvents();
        using (StepListener.At("swap: committed", () => throw new NpgsqlException("the answer was lost")))
            await DatabaseSwap.RunAsync(pair.Request(), events, CancellationToken.None);

        Assert.Equal(2, await pair.LiveRowsAsync());
        Assert.Equal(1, await PgServer.ScalarAsync<long>(pair.Kept, "SELECT count(*) FROM t"));
        Assert.Contains("a new connection shows that the swap is committed", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_COMMIT_that_did_not_reach_the_server_is_reported_as_rolled_back()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        using (StepListener.At("swap: before commit", () => CutAsync(pair)))
            Assert.Equal("DBS305", (await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync())).Code);
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_swap_reports_an_unknown_outcome_and_how_to_check_it_if_the_server_is_unavailable_at_COMMIT()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var pair = await SwapPair.CreateAsync(server.Target);
        DbSafetyException error;
        using (StepListener.At("swap: before commit", () => server.StopImmediatelyAsync(CancellationToken.None)))
        {
            error = await Assert.ThrowsAsync<DbSafetyException>(
                () => DatabaseSwap.RunAsync(pair.Request() with { ReconnectFor = TimeSpan.Zero }, new RecordedEvents(), CancellationToken.None));
        }

        await server.StartAgainAsync(CancellationToken.None);
        Assert.Equal("DBS331", error.Code);
        var oid = await PgServer.ScalarAsync<uint>(server.Target, $"SELECT oid FROM pg_database WHERE datname = '{pair.Live.Database}'");
        Assert.Contains($"if the row with oid {oid} has {pair.Live.Database}, nothing was changed", error.Hint, StringComparison.Ordinal);
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_server_that_crashes_at_COMMIT_and_restarts_is_queried_for_the_outcome()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var pair = await SwapPair.CreateAsync(server.Target);
        using (StepListener.At("swap: before commit", async () =>
        {
            await server.StopImmediatelyAsync(CancellationToken.None);
            await server.StartAgainAsync(CancellationToken.None);
        }))
        {
            Assert.Equal("DBS305", (await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync())).Code);
        }

        await pair.AssertUnchangedAsync();
    }

    /// <summary>The renamer's session, and the one that ends others.</summary>
    private static Task CutAsync(SwapPair pair) => SwapPair.EndAsync(pair.Live.On("template1"), "dbsafety swap");
}
