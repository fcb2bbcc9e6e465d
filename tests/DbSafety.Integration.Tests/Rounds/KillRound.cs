using System.Diagnostics;
using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>
/// <c>kill -9</c> of dbsafety, of PostgreSQL's programs and of the server, at random moments of backups, restores and swaps. Whatever
/// happened, the live database is whole under its name, nothing looks like a backup that is none, and the next run clears up and says so.
/// </summary>
public sealed class KillRound(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string Large = "CREATE TABLE large AS SELECT i, md5(i::text) || md5((i + 1)::text) AS text FROM generate_series(1, 400000) i; CREATE INDEX ON large (text);";

    private readonly TempFolder folder = new();
    private ScratchServer server = null!;

    private DatabaseTarget Live => server.Target.On("shop");

    public async ValueTask InitializeAsync()
    {
        server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
        await PgServer.ExecuteAsync(Live, SampleSql.Shop + Large);
    }

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    [Fact]
    [Hazard("H25")]
    public async Task The_live_database_is_intact_after_a_kill_at_any_time_and_the_next_run_cleans_up()
    {
        var round = new Round(output);
        var clock = Stopwatch.StartNew();
        var backup = await BackupAsync(new RecordedEvents());
        var backupTime = clock.Elapsed;
        clock.Restart();
        await RestoreAsync(backup, new RecordedEvents());
        var restoreTime = clock.Elapsed;
        await DropRetainedAsync();
        await PgServer.ExecuteAsync(Live, "INSERT INTO categories (name) VALUES ('written since')");
        var states = new[] { await StateAsync(), Describe(backup) };

        for (var i = 0; i < Round.Times(1, 50); i++)
        {
            var (restore, victim) = (i % 2 == 0, round.Random.Next(3));
            // The program itself starts in about half a second.
            var moment = TimeSpan.FromSeconds(0.2) + (restore ? restoreTime : backupTime) * 1.3 * round.Random.NextDouble();
            var what = $"{round}, {i}: {(restore ? "restore" : "backup")}, {new[] { "dbsafety", "its child", "the server" }[victim]} killed after {moment.TotalSeconds:0.00} s";
            var exitCode = await RunAndKillAsync(restore ? ["restore", "run", backup.Path] : ["backup", "create", "--destination", folder.Path], victim, moment);
            output.WriteLine($"{what}: exit code {exitCode}");
            var state = await StateAsync();
            Assert.True(states.Contains(state), $"{what}: the live database is {state}");
            await AssertNoFalseBackupAsync(what);
            await AssertClearedAsync(restore, backup, what);
            await PgServer.ExecuteAsync(Live, "DELETE FROM categories WHERE name = 'written since'; INSERT INTO categories (name) VALUES ('written since')");
        }
    }

    private async Task<int> RunAndKillAsync(string[] arguments, int victim, TimeSpan moment)
    {
        using var run = Dbsafety.Start(null, [.. arguments, "--database-url", Live.ToString(), "--yes"]);
        await Task.Delay(moment);
        if (victim == 0)
            await run.SignalAsync("KILL");
        else if (victim == 1)
            _ = new[] { "pg_dump", "pg_restore", "psql", "pg_dumpall" }.Any(run.KillChild);
        else
            await KillServerAsync();
        var result = await run.EndAsync();
        if (victim == 2)
            await StartAgainAsync();
        return result.ExitCode;
    }

    private async Task KillServerAsync()
    {
        var id = (await File.ReadAllLinesAsync(Path.Combine(server.DataFolder, "postmaster.pid")))[0];
        using var kill = Process.Start("kill", ["-KILL", id]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The old server's processes end by themselves once they see that it is gone; until then the new one does not start.</summary>
    private async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await server.StartAgainAsync(CancellationToken.None);
                return;
            }
            catch (DbSafetyException) when (attempt < 20)
            {
                await Task.Delay(200);
            }
        }
    }

    private async Task AssertNoFalseBackupAsync(string what)
    {
        foreach (var set in await new ListBackups().RunAsync(new BackupListRequest(folder.Path), new RecordedEvents(), CancellationToken.None))
        {
            if (set.State == BackupState.Intact)
                Assert.True((await BackupTests.Test(set.Path)).Passed, $"{what}: {set.Path} looks whole and is not");
            else
                Assert.Equal(BackupState.Incomplete, set.State);
        }
    }

    private async Task AssertClearedAsync(bool restore, PgBackup backup, string what)
    {
        var (partial, databases) = (folder.Names.Any(n => n.EndsWith(".partial", StringComparison.Ordinal)), await RestoringAsync());
        var events = new RecordedEvents();
        if (restore)
        {
            await RestoreAsync(backup, events);
            Assert.Equal(0, await RestoringAsync());
            Assert.True(databases == 0 || events.Text.Contains("dropped shop_restoring_", StringComparison.Ordinal), $"{what}: the next run did not say what it cleared: {events.Text}");
            await DropRetainedAsync();
            return;
        }

        var next = await BackupAsync(events);
        Assert.DoesNotContain(folder.Names, n => n.EndsWith(".partial", StringComparison.Ordinal));
        Assert.True(!partial || events.Text.Contains("removed the incomplete backup", StringComparison.Ordinal) || folder.Names.Count(n => n.EndsWith(".json", StringComparison.Ordinal)) > 2, $"{what}: the next run did not say what it cleared: {events.Text}");
        Assert.True((await BackupTests.Test(next.Path)).Passed);
        foreach (var old in Directory.GetFiles(folder.Path).Where(f => !Path.GetFileName(f).StartsWith(Path.GetFileNameWithoutExtension(backup.Path), StringComparison.Ordinal)))
            File.Delete(old);
    }

    private Task<PgBackup> BackupAsync(RecordedEvents events) =>
        new BackupDatabase().RunAsync(new BackupRequest(Live, folder.Path), events, CancellationToken.None);

    private Task<PgRestore> RestoreAsync(PgBackup backup, RecordedEvents events) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, Live), events, CancellationToken.None);

    private Task<long> RestoringAsync() => PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM pg_database WHERE datname LIKE 'shop\\_restoring\\_%'");

    private async Task DropRetainedAsync()
    {
        foreach (var name in (await PgServer.ScalarAsync<string>(server.Target, "SELECT coalesce(string_agg(datname, ','), '') FROM pg_database WHERE datname LIKE 'shop\\_before\\_%'")).Split(',', StringSplitOptions.RemoveEmptyEntries))
            await PgServer.ExecuteAsync(server.Target, $"DROP DATABASE {SqlName.Quote(name)} WITH (FORCE)");
    }

    /// <summary>Tables and rows, which tell the state before the restore from the one that was backed up.</summary>
    private async Task<string> StateAsync()
    {
        var found = await FingerprintReader.ReadAsync(Live, CancellationToken.None);
        return string.Join(',', found.Tables.Select(t => t.Name + t.Rows.ToString(CultureInfo.InvariantCulture)));
    }

    private static string Describe(PgBackup backup) =>
        string.Join(',', backup.Manifest.Tables.Select(t => t.Name + t.Rows.ToString(CultureInfo.InvariantCulture)));
}
