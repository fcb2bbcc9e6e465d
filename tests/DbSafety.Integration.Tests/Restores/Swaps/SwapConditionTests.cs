using DbSafety.Errors;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores.Swaps;

[Collection(RestoreServerGroup.Name)]
public sealed class SwapConditionTests(PgServer pg)
{
    [Fact]
    public async Task A_condition_that_fails_before_the_lock_terminates_no_session_and_changes_nothing()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        await using var application = await SwapPair.ConnectAsync(pair.Live);
        var condition = new Condition(hold: _ => throw ErrorCatalogue.NothingToUndo.For("refused"));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync(condition));

        Assert.Equal("DBS306", error.Code);
        Assert.Equal(1L, await new NpgsqlCommand("SELECT count(*) FROM t", application).ExecuteScalarAsync());
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_condition_that_fails_under_the_lock_rolls_back_the_rename()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        var condition = new Condition(confirm: _ => throw ErrorCatalogue.NothingToUndo.For("refused"));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync(condition));

        Assert.Equal("DBS306", error.Code);
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task The_condition_sees_every_row_that_is_committed_before_the_swap()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        await using var idle = await SwapPair.ConnectAsync(pair.Live);
        long seen = 0, sessions = 0;
        var condition = new Condition(
            hold: c => ExecuteAsync(c, "LOCK TABLE t IN SHARE MODE"),
            confirm: async c =>
            {
                seen = await ScalarAsync(c, "SELECT count(*) FROM t");
                sessions = await ScalarAsync(c, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid()");
            });
        var writers = new List<Task<bool>>();
        using var at = StepListener.AtEach((_, _) =>
        {
            // At every point somebody comes and writes, and whoever was connected tries to.
            writers.Add(Task.Run(() => SwapPair.InsertAsync(pair.Live)));
            return Task.CompletedTask;
        });

        await pair.SwapAsync(condition);
        var confirmed = (await Task.WhenAll(writers)).Count(w => w);

        Assert.True(at.Reached("swap: condition confirmed"));
        Assert.Equal(0, sessions);
        Assert.Equal(seen, await PgServer.ScalarAsync<long>(pair.Kept, "SELECT count(*) FROM t"));
        Assert.Equal(2 + 1 + confirmed - seen, await pair.LiveRowsAsync());
    }

    [Fact]
    public async Task The_condition_sees_a_row_that_is_committed_before_it_runs()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        long seen = 0;
        var condition = new Condition(hold: async c =>
        {
            await ExecuteAsync(c, "LOCK TABLE t IN SHARE MODE");
            seen = await ScalarAsync(c, "SELECT count(*) FROM t");
        });
        using var at = StepListener.At("swap: checked", async () => Assert.True(await SwapPair.InsertAsync(pair.Live)));

        await pair.SwapAsync(condition);

        Assert.Equal(2, seen);
        Assert.Equal(2, await PgServer.ScalarAsync<long>(pair.Kept, "SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("swap: condition holds")]
    [InlineData("swap: database locked")]
    [InlineData("swap: no other session is left")]
    public async Task Nothing_is_renamed_if_the_session_of_the_condition_is_terminated(string point)
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        using (StepListener.At(point, () => EndCheckAsync(pair)))
            await Assert.ThrowsAnyAsync<Exception>(() => pair.SwapAsync(new Condition(confirm: c => ScalarAsync(c, "SELECT 1"))));
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_rename_that_times_out_is_retried_and_the_condition_is_checked_again()
    {
        var pair = await SwapPair.CreateAsync(pg.Target);
        await using var stuck = await SwapPair.ConnectAsync(pair.Live);
        var pid = (int)(await new NpgsqlCommand("SELECT pg_backend_pid()", stuck).ExecuteScalarAsync())!;
        var held = 0;
        // A stopped process does not react to pg_terminate_backend, as one that waits for a disk does not.
        await SignalAsync(pid, "STOP");
        using var at = StepListener.At("swap: rolled back", () => SignalAsync(pid, "CONT"));

        await pair.SwapAsync(new Condition(hold: _ => Task.FromResult(held++)));

        Assert.Equal(2, held);
        Assert.Equal(2, await pair.LiveRowsAsync());
    }

    private static Task EndCheckAsync(SwapPair pair) => PgServer.ExecuteAsync(
        pair.Live.On("postgres"),
        $"""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dbsafety swap check' AND datname = '{pair.Live.Database}';
        DO $$ BEGIN WHILE EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'dbsafety swap check' AND datname = '{pair.Live.Database}') LOOP PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$
        """);

    private static async Task SignalAsync(int pid, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql) => await new NpgsqlCommand(sql, connection).ExecuteNonQueryAsync();

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql) => Convert.ToInt64(await new NpgsqlCommand(sql, connection).ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);

    private sealed class Condition(Func<NpgsqlConnection, Task>? hold = null, Func<NpgsqlConnection, Task>? confirm = null) : ISwapCondition
    {
        public Task HoldAsync(NpgsqlConnection connection, CancellationToken ct) => hold?.Invoke(connection) ?? Task.CompletedTask;

        public Task ConfirmAsync(NpgsqlConnection connection, CancellationToken ct) => confirm?.Invoke(connection) ?? Task.CompletedTask;
    }
}
