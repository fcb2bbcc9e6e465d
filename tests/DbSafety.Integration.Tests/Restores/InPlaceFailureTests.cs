using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.InPlace;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Connections that are cut, processes that are killed, settings of the role's, and servers that are too small.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceFailureTests(PgServer pg)
{
    private const string Point = InPlaceDatabase.Point;

    [Theory]
    [InlineData("transaction begun")]
    [InlineData("backed up")]
    [InlineData("emptied")]
    [InlineData("filled")]
    [InlineData("before COMMIT")]
    public async Task A_restore_whose_session_is_terminated_is_reported_as_rolled_back_and_changes_nothing(string point)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var before = await database.ReadAsync();
        using var at = StepListener.At(Point + point, database.EndTransactionAsync);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        Assert.True(at.Reached(Point + point));
        Assert.Equal(("DBS325", 1), (error.Code, error.ExitCode));
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Theory]
    [InlineData("tables locked")]
    [InlineData("emptied")]
    [InlineData("filled")]
    public async Task A_canceled_restore_is_rolled_back_before_it_returns(string point)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var before = await database.ReadAsync();
        using var stop = new CancellationTokenSource();
        using var at = StepListener.At(Point + point, stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new RestoreDatabase().RunAsync(
            new RestoreRequest(database.Backup.Path, database.Target) { InPlaceBackup = database.Folder.Path }, new RecordedEvents(), stop.Token));

        Assert.Equal(0L, await PgServer.ScalarAsync<long>(database.Admin, "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'orders'"));
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Fact]
    public async Task A_COMMIT_whose_response_is_lost_is_reported_as_committed()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        using var proxy = new CutCommit(database.Target);
        using var at = StepListener.At(Point + "before COMMIT", proxy.Arm);

        var restore = await database.RestoreAsync(proxy.Target);

        Assert.True(proxy.HasCut);
        Assert.True(restore.Verified);
        Assert.Contains(restore.Notes, n => n.Contains("the connection was lost at COMMIT; the server reports", StringComparison.Ordinal));
        Assert.Equal(500, await database.CountAsync("orders"));
    }

    [Fact]
    public async Task A_COMMIT_whose_status_cannot_be_queried_is_reported_as_unknown()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        using var proxy = new CutCommit(database.Target) { StaysCut = true };
        using var at = StepListener.At(Point + "before COMMIT", proxy.Arm);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync(proxy.Target, lockTimeout: TimeSpan.FromSeconds(2)));

        Assert.True(proxy.HasCut);
        Assert.Equal("DBS326", error.Code);
        Assert.Contains("SELECT txid_status(", error.Hint, StringComparison.Ordinal);
        Assert.Contains(Directory.GetFiles(database.Folder.Path, "*.json").Single(f => f != database.Backup.Path), error.Hint, StringComparison.Ordinal);
        Assert.Equal(500, await database.CountAsync("orders"));
    }

    [Fact]
    public async Task A_failure_after_COMMIT_is_reported_as_a_warning()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var events = new RecordedEvents();
        using var at = StepListener.At(Point + "before ANALYZE", () => PgServer.ExecuteAsync(
            database.Admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety restore'"));

        var restore = await database.RestoreAsync(events: events);

        Assert.True(restore.Verified);
        Assert.Contains("ANALYZE failed", events.Text, StringComparison.Ordinal);
        Assert.Equal(500, await database.CountAsync("orders"));
    }

    [Fact]
    public async Task Killing_psql_during_an_in_place_restore_leaves_the_database_unchanged()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var before = await database.ReadAsync();
        using var at = StepListener.At(Point + "emptied", async () =>
        {
            foreach (var psql in System.Diagnostics.Process.GetProcessesByName("psql"))
            {
                if (File.ReadAllText($"/proc/{psql.Id}/cmdline").Contains(database.Target.Database, StringComparison.Ordinal))
                    psql.Kill();
                await psql.WaitForExitAsync();
            }
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        Assert.Equal("DBS325", error.Code);
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Fact]
    public async Task A_restored_database_that_differs_from_the_backup_is_rolled_back()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var before = await database.ReadAsync();
        // The backup says more than the dump holds.
        var manifest = database.Backup.Manifest with { Tables = [.. database.Backup.Manifest.Tables.Select(t => t.Name == "things" ? t with { Rows = 2 } : t)] };
        File.WriteAllText(database.Backup.Path, ManifestFile.Write(manifest));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        Assert.Equal(("DBS327", 4), (error.Code, error.ExitCode));
        Assert.Contains("app.things has 2 rows in the backup, 1 in the restored database", error.Message, StringComparison.Ordinal);
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Fact]
    public async Task Database_settings_do_not_stop_a_restore_or_change_its_transaction_settings()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var name = SqlName.Quote(database.Target.Database);
        foreach (var setting in new[] { "idle_in_transaction_session_timeout = '1ms'", "lock_timeout = '1ms'", "default_transaction_read_only = on", "default_transaction_isolation = 'serializable'", "synchronous_commit = off" })
            await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {name} SET {setting}");

        var restore = await database.RestoreAsync();

        Assert.True(restore.Verified);
        Assert.Equal(500, await database.CountAsync("orders"));
        await using var connection = await database.Target.OpenAsync(CancellationToken.None);
        await InPlaceSettings.ApplyAsync(connection, TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.Equal(
            "on, 0, 5s, 0, off, read committed",
            await connection.ScalarAsync<string>(
                "SELECT concat_ws(', ', current_setting('synchronous_commit'), current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('default_transaction_read_only'), current_setting('default_transaction_isolation'))",
                CancellationToken.None));
    }

    [Fact]
    public async Task A_stricter_synchronous_commit_setting_is_preserved()
    {
        await using var connection = await pg.Target.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("SET synchronous_commit = remote_apply", CancellationToken.None);

        await InPlaceSettings.ApplyAsync(connection, TimeSpan.FromSeconds(5), CancellationToken.None);

        Assert.Equal("remote_apply", await connection.ScalarAsync<string>("SHOW synchronous_commit", CancellationToken.None));
    }

    [Fact]
    public async Task Prepared_transactions_and_insufficient_max_locks_per_transaction_are_reported_before_the_restore()
    {
        await using var small = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None, "max_prepared_transactions=2", "max_connections=20", "max_locks_per_transaction=10");
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(small.Target, "CREATE DATABASE shop TEMPLATE template0");
        var target = small.Target.On("shop");
        await PgServer.ExecuteAsync(target, SampleSql.Shop);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(target, "BEGIN; DELETE FROM orders WHERE id = 1; PREPARE TRANSACTION 'billing-7'");

        var prepared = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync());
        await PgServer.ExecuteAsync(target, "ROLLBACK PREPARED 'billing-7'");
        var restored = await RestoreAsync();
        for (var i = 0; i < 60; i++)
            await PgServer.ExecuteAsync(target, $"CREATE TABLE t{i} (id int PRIMARY KEY, t text)");
        var full = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync());

        Assert.Equal(("DBS324", "DBS324"), (prepared.Code, full.Code));
        Assert.Contains("billing-7", prepared.Message, StringComparison.Ordinal);
        Assert.Contains("COMMIT PREPARED or ROLLBACK PREPARED", prepared.Hint, StringComparison.Ordinal);
        Assert.Contains("max_locks_per_transaction = 10", full.Message, StringComparison.Ordinal);
        Assert.True(restored.Verified);

        Task<PgRestore> RestoreAsync() =>
            new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { InPlaceBackup = folder.Path }, OperationEvents.None, CancellationToken.None);
    }
}
