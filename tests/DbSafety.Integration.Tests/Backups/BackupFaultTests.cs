using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Faults made for real, in the middle of a dump of a table large enough to have one.</summary>
[Collection(PgServerGroup.Name)]
public sealed class BackupFaultTests(PgServer pg) : IAsyncLifetime
{
    private const int Rows = 1_500_000;
    private readonly List<DatabaseTarget> made = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The room is needed by the tests to come.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var target in made)
            await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE IF EXISTS {SqlName.Quote(target.Database)} WITH (FORCE)");
    }

    [Fact]
    [Hazard("H1")]
    public async Task A_killed_pg_dump_is_a_failure_and_leaves_no_files()
    {
        var target = await LargeAsync("killed");
        using var folder = new TempFolder();
        using var run = Start(target, folder);
        await DumpingAsync(run, target);
        await run.SignalAsync("KILL", "pg_dump");

        var result = await run.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error DBS113: pg_dump was terminated by signal 9", result.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    [Hazard("H25")]
    public async Task An_interrupt_exits_with_130_ends_the_child_process_and_leaves_no_files()
    {
        // A run that has all but ended ends well: this one takes seconds.
        var target = await LargeAsync("interrupted", 4_000_000);
        using var folder = new TempFolder();
        using var run = Start(target, folder);
        await DumpingAsync(run, target);
        await run.SignalAsync("INT");

        var result = await run.EndAsync();

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("error DBS902", result.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
        Assert.Equal(0, await Sessions(target));
    }

    [Fact]
    [Hazard("H25")]
    public async Task After_kill_9_no_backup_appears_complete_and_the_next_run_removes_and_reports_it()
    {
        var target = await LargeAsync("shot");
        using var folder = new TempFolder();
        using (var run = Start(target, folder))
        {
            await DumpingAsync(run, target);
            await run.SignalAsync("KILL");
            await run.EndAsync();
        }

        Assert.NotEmpty(folder.Names);
        Assert.All(folder.Names, n => Assert.EndsWith(".partial", n, StringComparison.Ordinal));

        var next = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);

        Assert.Equal(0, next.ExitCode);
        Assert.Contains("removed the incomplete backup", next.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Names, n => n.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Equal(3, folder.Names.Count());
    }

    [RootFact]
    [Hazard("H26")]
    public async Task A_full_disk_is_reported_the_partial_file_is_removed_and_older_backups_remain()
    {
        var small = await pg.CreateDatabaseAsync("small", SampleSql.Shop);
        var target = await LargeAsync("full");
        using var folder = new TempFolder();
        await Sh("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.Path);
        try
        {
            Assert.Equal(0, (await Dbsafety.RunAsync("backup", "create", "--database-url", small.ToString(), "--destination", folder.Path)).ExitCode);
            var before = folder.Names.ToList();

            var result = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);
            var directory = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path, "--format", "directory");

            Assert.Equal(1, result.ExitCode);
            Assert.Contains("error DBS202", result.Error, StringComparison.Ordinal);
            Assert.Equal(1, directory.ExitCode);
            Assert.Contains("error DBS202", directory.Error, StringComparison.Ordinal);
            Assert.Equal(before, folder.Names);
            Assert.Equal(0, (await Dbsafety.RunAsync("backup", "test", Path.Combine(folder.Path, before.Single(n => n.EndsWith(".json", StringComparison.Ordinal))))).ExitCode);
        }
        finally
        {
            await Sh("umount", "--lazy", folder.Path);
        }
    }

    [Fact]
    [Hazard("H27")]
    public async Task A_lost_server_is_reported_and_leaves_no_files()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, Large(Rows));
        using var folder = new TempFolder();
        using var run = Start(server.Target, folder);
        await DumpingAsync(run, server.Target);
        await server.StopImmediatelyAsync(CancellationToken.None);

        var result = await run.EndAsync();

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("error DBS104", result.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    [Fact]
    public async Task Concurrent_commits_truncates_and_sequence_calls_do_not_affect_the_backup()
    {
        var target = await LargeAsync("busy");
        await PgServer.ExecuteAsync(target, "CREATE TABLE log (id serial, at timestamptz DEFAULT now()); CREATE TABLE emptied (id int); INSERT INTO log SELECT FROM generate_series(1, 1000)");
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(target, stop.Token));

        var result = await Dbsafety.RunAsync("backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);
        await stop.CancelAsync();

        Assert.True(await writer > 0);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(0, (await Dbsafety.RunAsync("backup", "test", Directory.GetFiles(folder.Path, "*.json").Single())).ExitCode);
    }

    private static async Task<int> WriteAsync(DatabaseTarget target, CancellationToken ct)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var rounds = 0;
        for (; !ct.IsCancellationRequested; rounds++)
        {
            await connection.ExecuteAsync("INSERT INTO log SELECT FROM generate_series(1, 10)", CancellationToken.None);
            await connection.ExecuteAsync("INSERT INTO emptied SELECT generate_series(1, 10)", CancellationToken.None);
            if (rounds % 50 == 0)
                await connection.ExecuteAsync("SET lock_timeout = '50ms'; DO $$ BEGIN TRUNCATE emptied; EXCEPTION WHEN lock_not_available THEN NULL; END $$", CancellationToken.None);
        }

        return rounds;
    }

    private static Dbsafety Start(DatabaseTarget target, TempFolder folder) =>
        Dbsafety.Start(null, "backup", "create", "--database-url", target.ToString(), "--destination", folder.Path);

    private static string Large(int rows) =>
        $"CREATE TABLE large AS SELECT i, md5(i::text) || md5((i + 1)::text) || md5((i + 2)::text) AS text FROM generate_series(1, {rows}) i";

    private async Task<DatabaseTarget> LargeAsync(string name, int rows = Rows)
    {
        var target = await pg.CreateDatabaseAsync(name);
        made.Add(target);
        await PgServer.ExecuteAsync(target, Large(rows));
        return target;
    }

    private static async Task DumpingAsync(Dbsafety run, DatabaseTarget target)
    {
        // One session for all looks: the dump takes no more than a second.
        await using var watcher = await target.On("postgres").OpenAsync(CancellationToken.None);
        await run.UntilAsync(
            async () => await watcher.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE 'COPY %'", CancellationToken.None, target.Database) > 0,
            "pg_dump was copying");
    }

    private static Task<long> Sessions(DatabaseTarget target) =>
        PgServer.ScalarAsync<long>(target.On("postgres"), $"SELECT count(*) FROM pg_stat_activity WHERE datname = {SqlName.Literal(target.Database)} AND backend_type = 'client backend'");

    private static async Task Sh(string program, params string[] arguments) =>
        (await ToolProcess.RunAsync(new ToolCommand(program, arguments), CancellationToken.None)).OrThrow();
}
