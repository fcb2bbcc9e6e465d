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
    public async Task Where_the_sessions_of_the_swap_are_cut_at_any_point_the_live_database_stays(string point)
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
    public async Task Where_it_is_cancelled_before_the_commit_the_live_database_stays(string point)
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        await using var application = await SwapPair.ConnectAsync(pair.Live);
        using var cancel = new CancellationTokenSource();
        using (StepListener.At(point, cancel.Cancel))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.SwapAsync(ct: cancel.Token));
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_looked_up_and_reported_as_what_it_is()
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
    public async Task A_commit_that_did_not_reach_the_server_is_reported_as_rolled_back()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        using (StepListener.At("swap: before commit", () => CutAsync(pair)))
            Assert.Equal("DBS305", (await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync())).Code);
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task Where_the_server_is_gone_at_the_commit_it_says_that_it_is_not_known_and_what_to_look_at()
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
    public async Task A_server_that_crashes_at_the_commit_and_comes_back_is_asked()
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
