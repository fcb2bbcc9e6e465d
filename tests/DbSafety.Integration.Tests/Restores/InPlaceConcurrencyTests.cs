using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Other sessions act at every point of an in-place restore: what they were told is committed is in the database or in the backup of before.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceConcurrencyTests(PgServer pg)
{
    private const string Point = InPlaceDatabase.Point;

    [Fact]
    public async Task Rows_of_a_transaction_that_is_open_at_the_start_are_in_the_backup_before_the_restore()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await using var writer = await database.BeginAsync("INSERT INTO orders (note) VALUES ('open')");
        Task? ending = null;
        using var at = StepListener.At(Point + "transaction begun", () =>
        {
            ending = Task.Run(async () =>
            {
                await database.UntilBlockedAsync();
                await writer.ExecuteAsync("COMMIT", CancellationToken.None);
            });
        });

        var restore = await database.RestoreAsync();

        await ending!;
        Assert.Equal(401, InPlaceDatabase.Rows(InPlaceDatabase.Before(restore), "public.orders"));
        Assert.Equal(500, await database.CountAsync("orders"));
    }

    [Fact]
    public async Task Retention_that_runs_before_the_restore_finishes_does_not_remove_the_backup_before_the_restore()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        using var at = StepListener.At(Point + "before ANALYZE", async () =>
        {
            await new BackupDatabase().RunAsync(new BackupRequest(database.Target, database.Folder.Path), new RecordedEvents(), CancellationToken.None);
            var plan = await new PlanRetention().RunAsync(new RetentionRequest(database.Folder.Path, new RetentionPolicy { KeepLast = 1 }), new RecordedEvents(), CancellationToken.None);
            await new RemoveBackups().RunAsync(plan, new RecordedEvents(), CancellationToken.None);
        });

        var restore = await database.RestoreAsync();

        Assert.True(at.Reached(Point + "before ANALYZE"));
        Assert.Equal(400, InPlaceDatabase.Rows(InPlaceDatabase.Before(restore), "public.orders"));
    }

    [Theory]
    [InlineData("tables locked")]
    [InlineData("backed up")]
    [InlineData("emptied")]
    [InlineData("before COMMIT")]
    public async Task A_writer_that_connects_later_waits_and_its_row_is_in_the_restored_database(string point)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        Task? writing = null;
        using var at = StepListener.At(Point + point, async () =>
        {
            writing = Task.Run(() => database.ExecuteAsync("INSERT INTO orders (note) VALUES ('late')"));
            await database.UntilAsync("EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass AND mode = 'RowExclusiveLock')");
        });

        var restore = await database.RestoreAsync();

        await writing!;
        Assert.Equal(400, InPlaceDatabase.Rows(InPlaceDatabase.Before(restore), "public.orders"));
        Assert.Equal(1, await database.CountAsync("orders WHERE note = 'late'"));
        Assert.Equal(501, await database.CountAsync("orders"));
    }

    [Theory]
    [InlineData("tables locked", true)]
    [InlineData("backed up", true)]
    [InlineData("emptied", false)]
    [InlineData("filled", false)]
    [InlineData("before COMMIT", false)]
    public async Task A_table_created_during_the_restore_is_in_the_backup_before_the_restore_or_is_preserved(string point, bool saved)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        using var at = StepListener.At(Point + point, () => database.ExecuteAsync("CREATE TABLE meanwhile (i int); INSERT INTO meanwhile VALUES (1), (2), (3)"));

        var restore = await database.RestoreAsync();

        Assert.Equal(500, await database.CountAsync("orders"));
        if (saved)
            Assert.Equal(3, InPlaceDatabase.Rows(InPlaceDatabase.Before(restore), "public.meanwhile"));
        else
            Assert.Equal(3, await database.CountAsync("meanwhile"));
        Assert.Equal(saved ? 0 : 1, restore.Notes.Count(n => n.Contains("public.meanwhile is not in the backup", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("state before proven", "CREATE VIEW seen AS SELECT * FROM orders")]
    [InlineData("state before proven", "CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("state before proven", "CREATE TABLE app.other (i int)")]
    [InlineData("state before proven", "CREATE TABLE other (i int); INSERT INTO other VALUES (1)")]
    [InlineData("state before proven", "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i + i'")]
    [InlineData("state before proven", "GRANT SELECT ON orders TO PUBLIC")]
    [InlineData("state before proven", "ALTER TYPE app.state ADD VALUE 'off'")]
    [InlineData("state before proven", "CREATE SCHEMA second; CREATE TABLE second.t (i int)")]
    [InlineData("emptied", "CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("filled", "CREATE TABLE uses (s app.state); INSERT INTO uses VALUES ('on')")]
    public async Task An_object_that_is_in_no_backup_and_would_be_dropped_stops_the_restore(string point, string sql)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg, "CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i';");
        PgFingerprint? expected = null;
        using var at = StepListener.At(Point + point, async () =>
        {
            await database.ExecuteAsync(sql);
            if (point == "state before proven")
                expected = await database.ReadAsync();
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        Assert.Equal(("DBS324", 3), (error.Code, error.ExitCode));
        Assert.Equal(400, await database.CountAsync("orders"));
        if (expected is not null)
            InPlaceDatabase.AssertSame(expected, await database.ReadAsync());
        if (sql.Contains("uses", StringComparison.Ordinal))
            Assert.Equal(1, await database.CountAsync("uses WHERE s = 'on'"));
    }

    [Fact]
    public async Task A_temporary_table_that_depends_on_a_dropped_type_stops_the_restore()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await using var other = await database.Target.OpenAsync(CancellationToken.None);
        await other.ExecuteAsync("CREATE TEMPORARY TABLE mine (s app.state); INSERT INTO mine VALUES ('on')", CancellationToken.None);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        Assert.Equal("DBS324", error.Code);
        Assert.Contains("temporary table mine", error.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await other.ScalarAsync<long>("SELECT count(*) FROM mine WHERE s = 'on'", CancellationToken.None));
    }

    [Fact]
    public async Task A_restore_waits_for_an_uncommitted_table_at_the_end_and_checks_it()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        NpgsqlConnection? creator = null;
        Task? ending = null;
        var waiting = new Waiting();
        using var at = StepListener.At(Point + "before the last look", async () =>
        {
            creator = await database.BeginAsync("CREATE TABLE uses (s app.state); INSERT INTO uses VALUES ('on')");
            ending = waiting.Seen.Task.ContinueWith(_ => creator.ExecuteAsync("COMMIT", CancellationToken.None), TaskScheduler.Default).Unwrap();
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync(events: waiting));

        await ending!;
        await creator!.DisposeAsync();
        Assert.Equal("DBS324", error.Code);
        Assert.Equal((1, 400), (await database.CountAsync("uses WHERE s = 'on'"), await database.CountAsync("orders")));
    }

    [Theory]
    [InlineData("tables locked")]
    [InlineData("state before proven")]
    [InlineData("before COMMIT")]
    public async Task Large_objects_are_preserved_regardless_of_when_they_were_written(string point)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await database.ExecuteAsync("SELECT lo_from_bytea(4711, 'before')");
        using var at = StepListener.At(Point + point, () => database.ExecuteAsync("SELECT lo_from_bytea(4712, 'meanwhile'); SELECT lo_put(4711, 0, 'BEFORE')"));

        var restore = await database.RestoreAsync();

        Assert.Equal("BEFOREmeanwhile", await PgServer.ScalarAsync<string>(database.Admin, "SELECT convert_from(lo_get(4711), 'UTF8') || convert_from(lo_get(4712), 'UTF8')"));
        Assert.Contains("2 large objects that are not in the backup were kept", restore.Notes);
    }

    [Fact]
    public async Task A_sequence_value_that_was_assigned_is_in_the_backup_before_the_restore()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg, "CREATE SEQUENCE tickets;");
        await database.ExecuteAsync("SELECT nextval('tickets')");
        Task<Exception?>? taking = null;
        using var at = StepListener.At(Point + "tables locked", async () =>
        {
            taking = Task.Run(async () => await Record.ExceptionAsync(() => PgServer.ScalarAsync<long>(database.Target, "SELECT nextval('tickets')")));
            await database.UntilAsync("EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'tickets'::regclass)");
        });

        var restore = await database.RestoreAsync();

        await taking!;
        Assert.Contains(new SequenceValue("public", "tickets", 1, true), InPlaceDatabase.Before(restore).Manifest.Sequences);
    }

    [Fact]
    public async Task A_deadlock_stops_the_restore_and_changes_nothing()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await using var other = await database.BeginAsync("UPDATE products SET price = price WHERE id = 1");
        await PgServer.ExecuteAsync(database.Admin, $"GRANT SET ON PARAMETER deadlock_timeout TO {database.Target.Username}");
        await other.ExecuteAsync("SET LOCAL deadlock_timeout = '10min'", CancellationToken.None);
        var before = await database.ReadAsync();
        Task? crossing = null;
        using var at = StepListener.At(Point + "transaction begun", () =>
        {
            crossing = Task.Run(async () =>
            {
                await database.UntilBlockedAsync();
                await other.ExecuteAsync("UPDATE orders SET note = note WHERE id = 1; COMMIT", CancellationToken.None);
            });
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync());

        await crossing!;
        Assert.Equal(("DBS324", 3), (error.Code, error.ExitCode));
        Assert.Contains("deadlock", error.Message, StringComparison.Ordinal);
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Fact]
    public async Task A_lock_timeout_stops_the_restore_and_reports_the_lock_holder()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await using var other = await database.BeginAsync("UPDATE products SET price = price WHERE id = 1");
        var before = await database.ReadAsync();

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync(lockTimeout: TimeSpan.FromSeconds(3)));

        Assert.Equal(("DBS324", 3), (error.Code, error.ExitCode));
        Assert.Contains($"pid {other.ProcessID}", error.Message, StringComparison.Ordinal);
        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }

    [Fact]
    public async Task A_statement_that_waits_for_an_ACCESS_EXCLUSIVE_lock_stops_the_backup_with_a_lock_timeout()
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        Task? waiting = null;
        using var at = StepListener.At(Point + "tables locked", async () =>
        {
            waiting = Task.Run(() => database.ExecuteAsync("ALTER TABLE orders ADD COLUMN more int"));
            await database.UntilAsync("EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass AND mode = 'AccessExclusiveLock')");
        });

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync(lockTimeout: TimeSpan.FromSeconds(3)));

        await waiting!;
        Assert.Equal("DBS114", error.Code);
        Assert.Equal(400, await database.CountAsync("orders"));
    }

    /// <summary>Sees that the restore waits for somebody.</summary>
    private sealed class Waiting : DbSafety.Operations.IOperationEvents
    {
        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Raise(DbSafety.Operations.OperationEvent operationEvent)
        {
            if (operationEvent is DbSafety.Operations.MessageEvent { Text: var text } && text.StartsWith("waiting for transactions", StringComparison.Ordinal))
                Seen.TrySetResult();
        }
    }
}
