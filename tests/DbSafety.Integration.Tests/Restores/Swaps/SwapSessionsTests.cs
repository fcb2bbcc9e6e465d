using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores.Swaps;

[Collection(RestoreServerGroup.Name)]
public sealed class SwapSessionsTests(PgServer pg)
{
    [Fact]
    public async Task A_session_of_a_superuser_is_reported_before_an_owner_restores_anything()
    {
        var owner = await RoleAsync("CREATEDB");
        var pair = await SwapPair.CreateAsync(pg.Target, owner);
        var target = pair.Live with { Username = owner };
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(pair.Live, $"ALTER TABLE t OWNER TO {owner}");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        var before = await DatabasesAsync(pair);
        await using var superuser = await SwapPair.ConnectAsync(pair.Live);

        foreach (var whatIf in new[] { true, false })
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(
                () => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None));
            Assert.Equal(("DBS330", 3), (error.Code, error.ExitCode));
            Assert.Contains("(postgres, an application)", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1L, await new NpgsqlCommand("SELECT count(*) FROM t", superuser).ExecuteScalarAsync());
        Assert.Equal(before, await DatabasesAsync(pair));
        await superuser.CloseAsync();
        await EndedAsync(pair);
        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None)).Verified);
    }

    [Theory]
    [InlineData("swap: checked")]
    [InlineData("swap: condition holds")]
    public async Task A_session_of_a_superuser_that_connects_before_the_lock_stops_the_swap_immediately(string point)
    {
        var owner = await RoleAsync("CREATEDB");
        var pair = await SwapPair.CreateAsync(pg.Target, owner);
        NpgsqlConnection? superuser = null;
        using var at = StepListener.At(point, async () => superuser = await SwapPair.ConnectAsync(pair.Live));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync(new Nothing(), owner));

        Assert.Equal("DBS330", error.Code);
        Assert.False(at.Reached("swap: rolled back"));
        Assert.Equal(1L, await new NpgsqlCommand("SELECT count(*) FROM t", superuser).ExecuteScalarAsync());
        await superuser!.DisposeAsync();
        await pair.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_session_of_another_role_is_terminated_if_permitted_and_otherwise_reported()
    {
        var (owner, other) = (await RoleAsync("CREATEDB"), await RoleAsync(""));
        var pair = await SwapPair.CreateAsync(pg.Target, owner);
        await using var application = await SwapPair.ConnectAsync(pair.Live with { Username = other });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => pair.SwapAsync(user: owner));
        Assert.Contains(other, error.Message, StringComparison.Ordinal);
        await pair.AssertUnchangedAsync();

        await PgServer.ExecuteAsync(pg.Target, $"GRANT pg_signal_backend TO {owner}");
        await pair.SwapAsync(user: owner);
        Assert.Equal(2, await pair.LiveRowsAsync());
    }

    [Fact]
    public async Task A_logical_replication_walsender_is_terminated_and_reported()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, "wal_level=logical", "max_wal_senders=2", "max_replication_slots=2");
        var pair = await SwapPair.CreateAsync(server.Target);
        await PgServer.ExecuteAsync(pair.Live, "SELECT pg_create_logical_replication_slot('consumer', 'test_decoding')");
        await using var consumer = new Npgsql.Replication.LogicalReplicationConnection(pair.Live.ConnectionString("a consumer"));
        await consumer.Open();
        var events = new RecordedEvents();

        await DatabaseSwap.RunAsync(pair.Request(), events, CancellationToken.None);

        Assert.Equal(2, await pair.LiveRowsAsync());
        Assert.Contains("terminates the logical replication connection", events.Text, StringComparison.Ordinal);
        Assert.Contains("a consumer", events.Text, StringComparison.Ordinal);
    }

    private static Task EndedAsync(SwapPair pair) =>
        Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(pair.Live.On("postgres"), $"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{pair.Live.Database}' AND usesysid IS NOT NULL)"));

    private static Task<string> DatabasesAsync(SwapPair pair) =>
        PgServer.ScalarAsync<string>(pair.Live.On("postgres"), $"SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE datname LIKE '{pair.Live.Database}%'");

    private async Task<string> RoleAsync(string attributes)
    {
        var role = "role_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN {attributes}");
        return role;
    }

    private sealed class Nothing : ISwapCondition
    {
        public Task HoldAsync(NpgsqlConnection connection, CancellationToken ct) => Task.CompletedTask;

        public Task ConfirmAsync(NpgsqlConnection connection, CancellationToken ct) => Task.CompletedTask;
    }
}
