using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class RestoreTests(PgServer pg)
{
    [Theory]
    [MemberData(nameof(BackupTests.Formats), MemberType = typeof(BackupTests))]
    [Hazard("H28")]
    public async Task A_restore_matches_the_backup_in_every_row_and_undo_restores_the_previous_state(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("Shop \"x\" ü", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var before = await FingerprintReader.ReadAsync(target, CancellationToken.None);
        var backup = await Backup(target, folder, format);
        await PgServer.ExecuteAsync(target, "DELETE FROM orders; DROP TABLE typed CASCADE; SELECT setval('never_called', 99)");
        var damaged = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        var restore = await Restore(backup, target);
        var after = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        Assert.True(restore.Verified);
        Assert.Equal(["not proven: materialized view public.totals"], restore.Notes);
        AssertSame(before, after);
        Assert.True(restore.KeptBytes > 0);
        AssertSame(damaged, await FingerprintReader.ReadAsync(target.On(restore.RetainedAs!), CancellationToken.None));

        var undo = await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
        AssertSame(damaged, await FingerprintReader.ReadAsync(target, CancellationToken.None));
        AssertSame(before, await FingerprintReader.ReadAsync(target.On(undo.RetainedAs!), CancellationToken.None));
    }

    [Fact]
    public async Task Database_properties_that_a_dump_does_not_contain_are_restored()
    {
        var target = await pg.CreateDatabaseAsync("dressed", SampleSql.Shop);
        var name = SqlName.Quote(target.Database);
        await PgServer.ExecuteAsync(pg.Target, $"""
            DO $$ BEGIN CREATE ROLE dressed_owner; CREATE ROLE dressed_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            ALTER DATABASE {name} OWNER TO dressed_owner; REVOKE CONNECT ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO dressed_reader WITH GRANT OPTION;
            COMMENT ON DATABASE {name} IS 'the shop''s'; ALTER DATABASE {name} CONNECTION LIMIT 17; ALTER DATABASE {name} SET search_path = "Odd, one", public;
            ALTER DATABASE {name} SET work_mem = '7MB'; ALTER ROLE dressed_reader IN DATABASE {name} SET statement_timeout = '3s';
            """);
        const string Dress = """
            SELECT concat_ws('|', pg_get_userbyid(datdba), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(datacl) a), datconnlimit, shobj_description(oid, 'pg_database'),
                   (SELECT string_agg(setrole::text || setconfig::text, ';' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid))
            FROM pg_database d WHERE datname = current_database()
            """;
        var before = await PgServer.ScalarAsync<string>(target, Dress);
        using var folder = new TempFolder();

        await Restore(await Backup(target, folder), target);

        Assert.Equal(before, await PgServer.ScalarAsync<string>(target, Dress));
    }

    [Fact]
    [Hazard("H3")]
    public async Task A_restore_that_fails_midway_leaves_the_live_database_unchanged_and_drops_the_incomplete_copy()
    {
        var target = await pg.CreateDatabaseAsync("halves", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "nightly.sql");
        await ForeignDumps.RunAsync("pg_dump", target, ["--clean", "--if-exists", "--file=" + path]);
        // It drops everything, makes half of it again, and fails.
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("CREATE TABLE public.products (", "CREATE TABLE public.products (oops nonsense,", StringComparison.Ordinal));
        var (before, databases) = (await FingerprintReader.ReadAsync(target, CancellationToken.None), await Databases());

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS112", error.Code);
        AssertSame(before, await FingerprintReader.ReadAsync(target, CancellationToken.None));
        Assert.Equal(databases, await Databases());
    }

    [Fact]
    [Hazard("H6")]
    public async Task The_next_run_drops_abandoned_databases_of_killed_restores_and_no_other_databases()
    {
        var target = await pg.CreateDatabaseAsync("swept", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        var left = RetainedDatabases.RestoringName(target.Database, DateTimeOffset.UnixEpoch);
        var others = new[] { target.Database + "_restoring_", target.Database + "x_restoring_20260101T000000Z", RetainedDatabases.BeforeName(target.Database, DateTimeOffset.UnixEpoch) };
        foreach (var name in others)
            await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(left)} TEMPLATE template0 CONNECTION LIMIT {RetainedDatabases.CreationLimit(target.Database, MarkKind.Restoring)}");
        var events = new RecordedEvents();

        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), events, CancellationToken.None);

        var databases = (await Databases()).Split(',');
        Assert.DoesNotContain(left, databases);
        Assert.All(others, o => Assert.Contains(o, databases));
        Assert.Contains($"dropped {left}", events.Text, StringComparison.Ordinal);
    }

    public static TheoryData<int?> Levels => Round.IsLong ? [(int?)null, 0] : [(int?)null];

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task Parallel_jobs_skip_the_data_of_other_large_tables_and_load_every_row_exactly_once(int? level)
    {
        var wide = "AS SELECT i, (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 10) j) AS t FROM generate_series(1, 70000) i";
        var source = await pg.CreateDatabaseAsync("passed", $"CREATE TABLE a {wide}; CREATE TABLE b {wide}; CREATE TABLE c (id int PRIMARY KEY); INSERT INTO c VALUES (1); CREATE TABLE d {wide}; CREATE INDEX ON d (i); CREATE INDEX ON d (t); ALTER TABLE d ADD PRIMARY KEY (i); CLUSTER d USING d_pkey");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Checksum = true, CompressionLevel = level }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(3, backup.Manifest.BlockEnds!.Count);

        var whole = await Restore(backup, pg.Target.On(source.Database + "_all"));
        var last = await new RestoreDatabase().RunAsync(
            new RestoreRequest(backup.Path, pg.Target.On(source.Database + "_d")) { Options = new RestoreOptions { Tables = ["d"] } }, new RecordedEvents(), CancellationToken.None);

        Assert.True(whole.Verified);
        Assert.True(last.Verified);
        Assert.Equal(3, await PgServer.ScalarAsync<long>(pg.Target.On(source.Database + "_all"), "SELECT count(*) FROM pg_indexes WHERE tablename = 'd'"));
        Assert.DoesNotContain(whole.Notes, n => n.Contains("hash", StringComparison.Ordinal));
    }

    [Fact]
    [Hazard("H4")]
    public async Task A_restore_to_a_new_name_creates_the_database_and_a_second_restore_does_not_duplicate_rows()
    {
        var source = await pg.CreateDatabaseAsync("source", SampleSql.Shop);
        var target = pg.Target.On(source.Database + "_copy");
        using var folder = new TempFolder();
        var backup = await Backup(source, folder);

        var first = await Restore(backup, target);
        var second = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);

        Assert.Null(first.RetainedAs);
        Assert.NotNull(second.RetainedAs);
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
    }

    [Fact]
    [Hazard("H5")]
    public async Task Eight_clients_that_reconnect_concurrently_do_not_delay_the_swap()
    {
        var target = await pg.CreateDatabaseAsync("busy", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReconnectAsync(target, stop.Token))).ToList();

        var restore = await Restore(backup, target);
        await stop.CancelAsync();
        var queries = await Task.WhenAll(clients);

        Assert.True(restore.SwapDuration < TimeSpan.FromSeconds(5), $"the swap took {restore.SwapDuration}");
        Assert.All(queries, q => Assert.True(q > 0));
    }

    [Fact]
    [Hazard("H9")]
    public async Task Missing_roles_are_reported_before_anything_is_created()
    {
        var role = "only_here_" + Guid.NewGuid().ToString("N")[..6];
        var target = await pg.CreateDatabaseAsync("owned", $"CREATE ROLE {role}; CREATE TABLE t (id int); GRANT SELECT ON t TO {role}");
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        Assert.Contains(role, await File.ReadAllTextAsync(Directory.GetFiles(folder.Path, "*.globals.sql").Single()), StringComparison.Ordinal);
        await PgServer.ExecuteAsync(target, $"DROP OWNED BY {role}; DROP ROLE {role}");
        var databases = await Databases();

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, target));

        Assert.Equal(("DBS302", 3), (error.Code, error.ExitCode));
        Assert.Contains(role, error.Message, StringComparison.Ordinal);
        Assert.Equal(databases, await Databases());
    }

    [Fact]
    public async Task A_prepared_transaction_is_reported_and_the_live_database_is_unchanged()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, "max_prepared_transactions=2");
        var target = server.Target.On("shop");
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
        await PgServer.ExecuteAsync(target, SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        await PgServer.ExecuteAsync(target, "BEGIN; DELETE FROM orders WHERE id = 1; PREPARE TRANSACTION 'half-done'");

        foreach (var whatIf in new[] { true, false })
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(
                () => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None));

            Assert.Equal(("DBS332", 3), (error.Code, error.ExitCode));
            Assert.Contains("half-done", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("shop", await PgServer.ScalarAsync<string>(server.Target, "SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE 'shop%'"));
    }

    [Fact]
    [Hazard("H24")]
    public async Task A_second_restore_stops_immediately_and_reports_the_running_process()
    {
        var target = await pg.CreateDatabaseAsync("twice", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        await using var other = await ServerLock.TakeAsync(target, "restore", CancellationToken.None);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, target));

        Assert.Equal(("DBS115", 3), (error.Code, error.ExitCode));
        Assert.Contains($"pid {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIf_reports_the_database_that_would_be_retained_and_creates_nothing()
    {
        var target = await pg.CreateDatabaseAsync("whatif", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        var databases = await Databases();

        var plan = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { WhatIf = true }, new RecordedEvents(), CancellationToken.None);

        Assert.True(plan.WhatIf);
        Assert.StartsWith(target.Database + "_before_", plan.RetainedAs, StringComparison.Ordinal);
        Assert.Equal(databases, await Databases());
    }

    [Fact]
    public async Task Undo_without_a_retained_database_reports_that_nothing_can_be_undone()
    {
        var target = await pg.CreateDatabaseAsync("nothing");
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None));
        Assert.Equal(("DBS306", 5), (error.Code, error.ExitCode));
    }

    private static Task<PgBackup> Backup(DatabaseTarget target, TempFolder folder, BackupFormat format = BackupFormat.Custom) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> Restore(PgBackup backup, DatabaseTarget target) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);

    private Task<string> Databases() => PgServer.ScalarAsync<string>(pg.Target, "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database");

    private static void AssertSame(PgFingerprint expected, PgFingerprint actual)
    {
        Assert.Equal(expected.Tables, actual.Tables);
        Assert.Equal(expected.Sequences, actual.Sequences);
        Assert.Equal(expected.LargeObjects, actual.LargeObjects);
        Assert.Equal(expected.SchemaHash, actual.SchemaHash);
    }

    private static async Task<long> ReconnectAsync(DatabaseTarget target, CancellationToken ct)
    {
        long queries = 0;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var connection = await target.OpenAsync(CancellationToken.None);
                for (var i = 0; i < 50 && !ct.IsCancellationRequested; i++)
                    queries += await connection.ScalarAsync<int>("SELECT 1", CancellationToken.None);
            }
            catch (Exception e) when (e is DbSafetyException or Npgsql.NpgsqlException)
            {
                // Thrown out, as applications are: it comes back at once.
            }
        }

        return queries;
    }
}
