using System.Diagnostics;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores.Retained;

/// <summary>A publisher and its subscriber on one server with <c>wal_level = logical</c>.</summary>
public sealed class LogicalReplicationTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder folder = new();
    private ScratchServer? server;

    private DatabaseTarget Publisher => server!.Target.On("publisher");

    private DatabaseTarget Shop => server!.Target.On("shop");

    public async ValueTask InitializeAsync()
    {
        server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "wal_level=logical", "wal_retrieve_retry_interval=100ms", "max_wal_size=256MB");
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE publisher");
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
        await PgServer.ExecuteAsync(Publisher, "CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
        await PgServer.ExecuteAsync(Publisher, "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        await PgServer.ExecuteAsync(Shop, "CREATE TABLE t (id int PRIMARY KEY)");
        await PgServer.ExecuteAsync(Shop, $"CREATE SUBSCRIPTION s CONNECTION 'host={server.Target.Host} dbname=publisher user=postgres' PUBLICATION p WITH (create_slot = false, slot_name = 's', copy_data = false)");
        await PgServer.ExecuteAsync(Publisher, "INSERT INTO t VALUES (1)");
        await WaitAsync(Shop, "SELECT count(*) = 1 FROM t");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    public async Task A_row_that_the_publisher_commits_immediately_after_the_swap_reaches_the_live_database(BackupFormat format)
    {
        var backup = await BackupAsync(Shop, format);
        await PgServer.ExecuteAsync(Publisher, "INSERT INTO t VALUES (2)");
        await WaitAsync(Shop, "SELECT count(*) = 2 FROM t");
        var inCopy = -1L;
        PgRestore restore;
        using (StepListener.AtEach(async (point, _) =>
        {
            if (point == "restore: database filled")
                inCopy = await PgServer.ScalarAsync<long>(server!.Target, "SELECT count(*) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname <> 'shop'");
            if (point == "swap: committed")
                await PgServer.ExecuteAsync(Publisher, "INSERT INTO t VALUES (3)");
        }))
            restore = await RestoreAsync(backup);

        Assert.Equal(0, inCopy);
        Assert.Contains(restore.Notes, n => n.StartsWith("the subscription s was created disabled", StringComparison.Ordinal));
        Assert.Contains(restore.Notes, n => n.StartsWith($"the subscription s of {restore.RetainedAs} was disabled before the swap", StringComparison.Ordinal));
        const string State = "SELECT string_agg(concat_ws(' ', subname, subenabled, subslotname), ',') FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = current_database()";
        Assert.Equal(("s f s", "s f s"), (await PgServer.ScalarAsync<string>(Shop, State), await PgServer.ScalarAsync<string>(Shop.On(restore.RetainedAs!), State)));
        await PgServer.ExecuteAsync(Shop, "ALTER SUBSCRIPTION s ENABLE");
        await WaitAsync(Shop, "SELECT count(*) = 1 FROM t WHERE id = 3");
        Assert.Equal("{1,2}", await PgServer.ScalarAsync<string>(Shop.On(restore.RetainedAs!), "SELECT array_agg(id ORDER BY id)::text FROM t"));

        // Dropping the retained copy leaves the publisher's slot.
        var events = new RecordedEvents();
        await RestoreAsync(backup, TimeSpan.Zero, events);
        Assert.Contains($"dropped {restore.RetainedAs}", events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("could not", events.Text, StringComparison.Ordinal);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(server!.Target, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 's'"));
    }

    [Fact]
    public async Task A_failed_swap_leaves_the_subscription_enabled_and_the_next_run_repairs_a_killed_swap()
    {
        var backup = await BackupAsync(Shop);
        using (StepListener.At("swap: both databases renamed", () => throw new InvalidOperationException("stopped here")))
            await Assert.ThrowsAnyAsync<Exception>(() => RestoreAsync(backup));

        await AssertReplicatesAsync(10);
        Assert.Equal(2, await PgServer.ScalarAsync<long>(server!.Target, "SELECT count(*) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"));

        // Killed: nothing of the run goes on after the subscriptions were disabled.
        await using var guard = await ServerLock.TakeAsync(Shop, "test", CancellationToken.None);
        var now = DateTimeOffset.UtcNow;
        var mark = await RetainedDatabases.NewMarkAsync(guard.Connection, "shop", MarkKind.Restoring, MarkedBy.Restore, now, CancellationToken.None);
        var fresh = RetainedDatabases.RestoringName("shop", now);
        await DatabaseCreation.CreateAsync(guard.Connection, fresh, backup.Manifest.Properties, CancellationToken.None, mark);
        await RetainedDatabases.MarkNewAsync(guard.Connection, fresh, mark with { DisabledSubscriptions = ["s"], DisabledIn = mark.Other }, CancellationToken.None);
        await PgServer.ExecuteAsync(Shop, "ALTER SUBSCRIPTION s DISABLE");
        var events = new RecordedEvents();
        await AbandonedObjects.RemoveAbandonedAsync(guard.Connection, Shop, events, CancellationToken.None);

        await AssertReplicatesAsync(11);
        Assert.Contains("enabled the subscription s of shop again", events.Text, StringComparison.Ordinal);
        Assert.Contains($"dropped {fresh}", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_with_a_subscription_that_a_script_created_is_dropped_and_the_publisher_slot_is_preserved()
    {
        var script = Path.Combine(folder.Path, "by hand.sql");
        await File.WriteAllTextAsync(script, "CREATE TABLE t (id int);\n/* ours */ CREATE SUBSCRIPTION x CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = 's');\nSELECT 1/0;\n");
        var events = new RecordedEvents();

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(script, Shop), events, CancellationToken.None));

        Assert.Equal("DBS112", error.Code);
        Assert.DoesNotContain("could not", events.Text, StringComparison.Ordinal);
        Assert.Equal("publisher,shop", await PgServer.ScalarAsync<string>(server!.Target, "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"));
        await AssertReplicatesAsync(20);
    }

    [Fact]
    public async Task Logical_replication_slots_of_the_live_database_are_reported_and_require_confirmation_before_the_start()
    {
        var backup = await BackupAsync(Publisher);
        foreach (var whatIf in new[] { true, false })
        {
            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Publisher) { WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None));
            Assert.Equal(("DBS341", 3), (refused.Code, refused.ExitCode));
            Assert.Contains("s (pgoutput, read by s", refused.Message, StringComparison.Ordinal);
        }

        var plan = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Publisher) { WhatIf = true, AllowSlotLoss = true }, new RecordedEvents(), CancellationToken.None);
        var done = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Publisher) { AllowSlotLoss = true }, new RecordedEvents(), CancellationToken.None);

        Assert.Contains(plan.Notes, n => n.StartsWith("the logical replication slot s (", StringComparison.Ordinal));
        Assert.Contains(done.Notes, n => n.Contains($"stays with {done.RetainedAs}", StringComparison.Ordinal));
        Assert.Equal(done.RetainedAs, await PgServer.ScalarAsync<string>(server!.Target, "SELECT database::text FROM pg_replication_slots"));

        // A retained database with a slot is not dropped: what its consumer has not read would be gone.
        var events = new RecordedEvents();
        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Publisher) { KeepFor = TimeSpan.Zero }, events, CancellationToken.None);
        Assert.Contains($"the database {done.RetainedAs} could not be dropped and is still there: it has logical replication slots", events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"dropped {done.RetainedAs}", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replication_slot_created_between_the_check_and_the_swap_is_detected_under_the_swap_lock()
    {
        await PgServer.ExecuteAsync(server!.Target, "CREATE DATABASE quiet");
        var quiet = server.Target.On("quiet");
        var backup = await BackupAsync(quiet);
        DbSafetyException refused;
        using (StepListener.At("swap: checked", () => PgServer.ExecuteAsync(quiet, "SELECT pg_create_logical_replication_slot('late', 'pgoutput')")))
            refused = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, quiet), new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS341", refused.Code);
        Assert.Equal("quiet", await PgServer.ScalarAsync<string>(server.Target, "SELECT database::text FROM pg_replication_slots WHERE slot_name = 'late'"));
        Assert.Equal("quiet", await PgServer.ScalarAsync<string>(server.Target, "SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE 'quiet%'"));
    }

    [Fact]
    public async Task WAL_volume_inactive_replication_slots_and_replicas_are_reported_before_a_restore_starts()
    {
        await PgServer.ExecuteAsync(server!.Target, "SELECT pg_create_physical_replication_slot('standby')");
        var backup = await BackupAsync(Shop);
        var events = new RecordedEvents();

        var plan = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Shop) { WhatIf = true }, events, CancellationToken.None);

        Assert.Contains(plan.Notes, n => n.StartsWith("the restore writes about ", StringComparison.Ordinal) && n.EndsWith(" WAL", StringComparison.Ordinal));
        Assert.Contains("replication slots without a consumer keep that WAL on the server's disk: standby", plan.Notes);
        Assert.Contains(plan.Notes, n => n.StartsWith("logical subscriber s (", StringComparison.Ordinal));
        Assert.Contains("Information: the restore writes about ", events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_from_a_backup_of_another_server_is_created_without_connecting_to_the_publisher()
    {
        var backup = await BackupAsync(Shop);
        await using var elsewhere = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(elsewhere.Target, "CREATE DATABASE shop");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, elsewhere.Target.On("shop")), new RecordedEvents(), CancellationToken.None);

        Assert.Contains(restore.Notes, n => n.StartsWith("the subscription s was created disabled, without its list of tables", StringComparison.Ordinal));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(elsewhere.Target.On("shop"), "SELECT count(*) FROM pg_subscription_rel"));
        await AssertReplicatesAsync(30);
    }

    private async Task AssertReplicatesAsync(int id)
    {
        await PgServer.ExecuteAsync(Publisher, $"INSERT INTO t VALUES ({id})");
        await WaitAsync(Shop, $"SELECT count(*) = 1 FROM t WHERE id = {id}");
    }

    private static async Task WaitAsync(DatabaseTarget target, string condition)
    {
        for (var clock = Stopwatch.StartNew(); !await PgServer.ScalarAsync<bool>(target, condition);)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), condition);
            await Task.Delay(20);
        }
    }

    private Task<PgBackup> BackupAsync(DatabaseTarget target, BackupFormat format = BackupFormat.Custom) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

    private Task<PgRestore> RestoreAsync(PgBackup backup, TimeSpan? keepFor = null, RecordedEvents? events = null) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Shop) { KeepFor = keepFor }, events ?? new RecordedEvents(), CancellationToken.None);
}
