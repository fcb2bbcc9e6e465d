using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>
/// Other sessions that need ACCESS EXCLUSIVE at each step of a backup. A backup that waits for somebody who waits for it would last for as long as
/// its lock timeout: it is longer here than any test may take.
/// </summary>
[Collection(PgServerGroup.Name)]
public sealed class BackupLockTests(PgServer pg)
{
    private const string Exported = "backup: snapshot exported", LockedByDump = "backup: tables locked by pg_dump", Locked = "backup: tables locked", Verified = "backup: tables verified",
        Read = "backup: definitions read", Counted = "backup: rows counted", Abandoned = "backup: attempt abandoned";

    private const string Sql = SampleSql.Shop + """
        CREATE TABLE log (id serial PRIMARY KEY, line text); INSERT INTO log (line) SELECT repeat('x', 100) FROM generate_series(1, 1000);
        CREATE VIEW lines AS SELECT line FROM log;
        CREATE MATERIALIZED VIEW pin AS SELECT 1 AS n;
        CREATE VIEW pinned AS SELECT n FROM pin;
        CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM log;
        CREATE TABLE events (id int, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        INSERT INTO events SELECT i, '2025-06-01' FROM generate_series(1, 30) i;
        """;

    public static TheoryData<string, BackupFormat, bool> Points
    {
        get
        {
            var points = new TheoryData<string, BackupFormat, bool>();
            foreach (var format in new[] { BackupFormat.Custom, BackupFormat.Plain, BackupFormat.Directory })
            {
                points.Add(Exported, format, true);
                points.Add(LockedByDump, format, true);
                points.Add(Locked, format, false);
                points.Add(Verified, format, false);
                points.Add(Read, format, false);
                points.Add(Counted, format, false);
            }

            return points;
        }
    }

    /// <summary>Statements that another session commits after the snapshot, and what the backup then holds.</summary>
    public static TheoryData<string, string, long> Changes => new()
    {
        { "TRUNCATE log", "log", 0 },
        { "TRUNCATE log; INSERT INTO log (line) SELECT 'new' FROM generate_series(1, 7)", "log", 7 },
        { "TRUNCATE events", "events_2025", 0 },
        { "DROP VIEW lines; ALTER TABLE log ALTER line TYPE varchar(50) USING left(line, 50)", "log", 1000 },
        { "ALTER TABLE log ALTER id TYPE bigint", "log", 1000 },
        { "ALTER TABLE log DROP line CASCADE; ALTER TABLE log ADD line text DEFAULT 'other'", "log", 1000 },
        { "VACUUM FULL log", "log", 1000 },
        { "ALTER TABLE log RENAME TO log_old; CREATE TABLE log (id int); INSERT INTO log VALUES (1), (2)", "log", 2 },
        { "DROP TABLE events_2025; CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')", "events_2025", 0 },
        { "DROP INDEX log_line; CREATE INDEX log_line ON log (line)", "log", 1000 },
        { "ALTER TABLE orders RENAME TO orders_old; ALTER TABLE log RENAME TO orders; ALTER TABLE orders_old RENAME TO log", "log", 500 },
    };

    [Theory]
    [MemberData(nameof(Points))]
    public async Task A_TRUNCATE_at_any_step_waits_only_for_pg_dump_and_the_backup_is_exact(string point, BackupFormat format, bool isSeen)
    {
        var target = await pg.CreateDatabaseAsync("queued", Sql);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        await using var reader = await target.OpenAsync(CancellationToken.None);
        var (truncated, read) = (Task.CompletedTask, Task.CompletedTask);
        using var at = StepListener.At(point, async () =>
        {
            truncated = other.ExecuteAsync("TRUNCATE log", CancellationToken.None);
            await WaitsOrEndsAsync(target, other, truncated);
            read = reader.ScalarAsync<long>("SELECT count(*) FROM log", CancellationToken.None);
        });

        var backup = await BackUpAsync(target, folder, format);

        Assert.True(at.Reached(point));
        await truncated.WaitAsync(TimeSpan.FromMinutes(1));
        await read.WaitAsync(TimeSpan.FromMinutes(1));
        // pg_dump's workers give up where somebody waits for ACCESS EXCLUSIVE: the backup then starts again, and sees the TRUNCATE.
        isSeen |= format == BackupFormat.Directory && at.Reached(Abandoned);
        Assert.Equal(isSeen ? 0 : 1000, Rows(backup, "log"));
        Assert.Equal(isSeen, at.Reached(Abandoned));
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
    }

    [Theory]
    [InlineData("backup: snapshot exported")]
    [InlineData("backup: tables locked by pg_dump")]
    [InlineData("backup: tables locked")]
    [InlineData("backup: tables verified")]
    [InlineData("backup: rows counted")]
    public async Task No_session_waits_only_for_a_DbSafety_session(string point)
    {
        var target = await pg.CreateDatabaseAsync("blocked", Sql);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        // pg_dump must not have ended yet: it waits for the definition of a view.
        await using var pin = await target.OpenAsync(CancellationToken.None);
        await pin.ExecuteAsync("BEGIN; REFRESH MATERIALIZED VIEW pin", CancellationToken.None);
        var blockers = new List<string>();
        var locked = Task.CompletedTask;
        using var at = StepListener.At(point, async () =>
        {
            foreach (var table in new[] { "log", "orders", "events_2025", "totals", "lines" })
            {
                locked = other.ExecuteAsync(table is "totals" ? "REFRESH MATERIALIZED VIEW totals" : table is "lines" ? "CREATE OR REPLACE VIEW lines AS SELECT line FROM log" : $"DO 'BEGIN LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; END'", CancellationToken.None);
                // Definitions are read under locks that are given up within half a second: only who still blocks after that counts.
                for (var clock = Stopwatch.StartNew(); await WaitsOrEndsAsync(target, other, locked);)
                {
                    var blocker = await BlockersAsync(target, other);
                    if (!blocker.Contains("dbsafety pg_dump", StringComparison.Ordinal) && clock.Elapsed < TimeSpan.FromSeconds(10))
                        continue;
                    blockers.Add(blocker);
                    break;
                }

                await CancelAsync(target, other, locked);
            }

            await pin.ExecuteAsync("COMMIT", CancellationToken.None);
        });

        await BackUpAsync(target, folder);

        Assert.True(at.Reached(point));
        Assert.All(blockers, b => Assert.Contains("dbsafety pg_dump", b, StringComparison.Ordinal));
        Assert.Equal(point == Exported, blockers.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_after_the_snapshot_restarts_the_backup(string sql, string table, long rows)
    {
        var target = await pg.CreateDatabaseAsync("changed", Sql + "CREATE INDEX log_line ON log (line);");
        using var folder = new TempFolder();
        using var at = StepListener.At(Exported, async () =>
        {
            foreach (var statement in sql.Split("; "))
                await PgServer.ExecuteAsync(target, statement);
        });

        var backup = await BackUpAsync(target, folder);

        Assert.True(at.Reached(Abandoned));
        Assert.Equal(rows, Rows(backup, table));
        Assert.Equal((await FingerprintReader.ReadAsync(target, CancellationToken.None)).SchemaHash, backup.Manifest.SchemaHash);
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        Assert.Equal(3, folder.Names.Count());
    }

    [Theory]
    [InlineData("INSERT INTO log (line) VALUES ('later'); UPDATE log SET line = 'changed' WHERE id < 10; DELETE FROM log WHERE id > 900")]
    [InlineData("VACUUM ANALYZE")]
    [InlineData("REFRESH MATERIALIZED VIEW totals")]
    [InlineData("CREATE TABLE later (id int); INSERT INTO later VALUES (1)")]
    public async Task A_change_that_the_snapshot_isolates_does_not_restart_the_backup(string sql)
    {
        var target = await pg.CreateDatabaseAsync("kept", Sql);
        using var folder = new TempFolder();
        using var at = StepListener.At(Exported, async () =>
        {
            foreach (var statement in sql.Split("; "))
                await PgServer.ExecuteAsync(target, statement);
        });

        var backup = await BackUpAsync(target, folder);

        Assert.False(at.Reached(Abandoned));
        Assert.Equal(1000, Rows(backup, "log"));
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
    }

    [Fact]
    public async Task A_table_that_changes_in_every_attempt_fails_the_backup_and_is_named()
    {
        var target = await pg.CreateDatabaseAsync("restless", Sql);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        var truncated = Task.CompletedTask;
        using var at = StepListener.AtEach(async (point, _) =>
        {
            if (point != Exported)
                return;
            await truncated;
            truncated = other.ExecuteAsync("TRUNCATE log", CancellationToken.None);
            await WaitsOrEndsAsync(target, other, truncated);
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => BackUpAsync(target, folder));
        await truncated;

        Assert.Equal(("DBS210", 1), (error.Code, error.ExitCode));
        Assert.Contains("in each of 10 attempts", error.Message, StringComparison.Ordinal);
        Assert.Contains("public.log was truncated or rewritten", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
        Assert.Equal(0, await SessionsAsync(target));
    }

    [Fact]
    public async Task A_TRUNCATE_with_a_short_lock_timeout_fails_only_after_it_disturbs_five_attempts()
    {
        var target = await pg.CreateDatabaseAsync("busy", Sql);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        var truncated = 0;
        using var at = StepListener.AtEach(async (point, _) =>
        {
            if (point != Exported)
                return;
            try
            {
                await other.ExecuteAsync("SET lock_timeout = '50ms'; TRUNCATE log", CancellationToken.None);
                truncated++;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                // Its lock timeout is shorter than what the backup lets it wait.
            }
        });

        var backup = await BackUpAsync(target, folder);

        Assert.Equal(5, truncated);
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
    }

    [Fact]
    public async Task A_lock_held_longer_than_the_timeout_fails_the_backup_and_its_holder_is_named()
    {
        var target = await pg.CreateDatabaseAsync("held", Sql);
        using var folder = new TempFolder();
        await using var holder = await target.OpenAsync(CancellationToken.None);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE log IN ACCESS EXCLUSIVE MODE", CancellationToken.None);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { LockTimeout = TimeSpan.FromSeconds(3) }, new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS114", error.Code);
        Assert.Contains($"pid {holder.ProcessID}", error.Message, StringComparison.Ordinal);
        Assert.Contains("log", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task The_backup_holds_no_locks_while_it_waits_for_a_definition_locked_by_another_session()
    {
        var target = await pg.CreateDatabaseAsync("refreshed", Sql);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        var begun = false;
        using var at = StepListener.AtEach(async (point, _) =>
        {
            if (point == Verified)
            {
                begun = true;
                await other.ExecuteAsync("BEGIN; REFRESH MATERIALIZED VIEW totals", CancellationToken.None);
            }
            else if (begun && point == "backup: definition locked by another session")
            {
                begun = false;
                await other.ExecuteAsync("COMMIT", CancellationToken.None);
            }
        });

        var backup = await BackUpAsync(target, folder);

        Assert.True(at.Reached("backup: definition locked by another session"));
        Assert.Equal((await FingerprintReader.ReadAsync(target, CancellationToken.None)).SchemaHash, backup.Manifest.SchemaHash);
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
    }

    private static async Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder, BackupFormat format = BackupFormat.Custom)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Jobs = 2, LockTimeout = TimeSpan.FromMinutes(10) }, new RecordedEvents(), limit.Token);
    }

    private static long Rows(PgBackup backup, string table) => backup.Manifest.Tables.Single(t => t.Name == table).Rows;

    /// <summary>Whether a session waits for a lock; returns when it does or its work has ended.</summary>
    private static async Task<bool> WaitsOrEndsAsync(DatabaseTarget target, NpgsqlConnection session, Task work)
    {
        await using var watch = await target.OpenAsync(CancellationToken.None);
        var waits = false;
        await Wait.UntilAsync(async () => work.IsCompleted || (waits = await watch.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted", CancellationToken.None, session.ProcessID) > 0));
        return waits;
    }

    /// <summary>The application names of those that a session waits for, directly.</summary>
    private static Task<string> BlockersAsync(DatabaseTarget target, NpgsqlConnection session) => PgServer.ScalarAsync<string>(
        target, $"SELECT coalesce(string_agg(application_name, ', '), 'dbsafety pg_dump has ended') FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids({session.ProcessID}))");

    private static async Task CancelAsync(DatabaseTarget target, NpgsqlConnection session, Task work)
    {
        await PgServer.ExecuteAsync(target, $"SELECT pg_cancel_backend({session.ProcessID})");
        try
        {
            await work;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // It waited.
        }
    }

    private static Task<long> SessionsAsync(DatabaseTarget target) => PgServer.ScalarAsync<long>(
        target.On("postgres"), $"SELECT count(*) FROM pg_stat_activity WHERE datname = {SqlName.Literal(target.Database)} AND application_name LIKE 'dbsafety pg_dump%'");
}
