using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Tools.Isolation;
using Npgsql;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary><c>dbsafety migration run</c> gets Ctrl-C in each of its stages: exit code 130, nothing left behind, the history as it was.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class InterruptedRunTests(PgServer pg)
{
    private const string Slow = "CREATE TABLE made (id int);\nSELECT pg_sleep(600);";

    private const string Sleeping = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')";

    [Theory]
    [InlineData(Slow)]
    [InlineData("SELECT pg_sleep(600); COMMIT; CREATE INDEX CONCURRENTLY i ON products (note);")]
    [Hazard("H25")]
    public async Task Interrupt_during_a_statement_leaves_production_unchanged(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_slow", sql);
        using var temporary = new TempFolder();
        using var run = Start(shop, temporary, "--skip-backup", "--skip-rehearsal");
        await run.UntilAsync(() => PgServer.ScalarAsync<bool>(shop.Target, Sleeping), "the statement was running");
        await InterruptAsync(run, shop, temporary);
    }

    [Fact]
    [Hazard("H25")]
    public async Task Interrupt_during_a_rehearsal_stops_the_temporary_server_and_leaves_production_unchanged()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_slow", Slow);
        using var temporary = new TempFolder();
        using var run = Start(shop, temporary);
        await run.UntilAsync(() => RehearsesAsync(shop, temporary), "the rehearsal was running");
        await InterruptAsync(run, shop, temporary);
    }

    [Fact]
    [Hazard("H25")]
    public async Task Interrupt_during_the_backup_leaves_no_partial_files()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_slow", Slow);
        using var temporary = new TempFolder();
        await using var holder = await shop.Target.OpenAsync(CancellationToken.None);
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using var locks = new NpgsqlCommand("LOCK TABLE categories", holder);
            await locks.ExecuteNonQueryAsync();
            using var run = Start(shop, temporary);
            await run.UntilAsync(() => PgServer.ScalarAsync<bool>(pg.Target, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{shop.Target.Database}' AND wait_event_type = 'Lock')"), "the backup was waiting");
            await InterruptAsync(run, shop, temporary);
        }
    }

    [Fact]
    public async Task Killing_a_run_during_the_rehearsal_ends_its_command_and_child_processes()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_slow", "SELECT 1;");
        using var temporary = new TempFolder();
        var mark = Path.Combine(shop.Root, "mark");
        var seconds = "600." + Guid.NewGuid().GetHashCode().ToString("D10", System.Globalization.CultureInfo.InvariantCulture).TrimStart('-');
        using var run = Start(shop, temporary, "--skip-backup", "--command", $"sh -c 'sleep {seconds} & echo $! > {mark}; wait; true'");
        await run.UntilAsync(() => Task.FromResult(File.Exists(mark) && File.ReadAllText(mark).EndsWith('\n')), "the command was running");
        // Its id is another one in the namespace that it runs in.
        bool Sleeps() => Directory.EnumerateDirectories("/proc").Any(p => File.Exists(p + "/comm") && ReadOrEmpty(p + "/cmdline").EndsWith($"sleep\0{seconds}\0", StringComparison.Ordinal));
        // The shell writes the mark before its child process has become sleep.
        await run.UntilAsync(() => Task.FromResult(Sleeps()), "its child process was running");

        await run.SignalAsync("KILL");
        await run.EndAsync();

        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (Sleeps() && clock.Elapsed < TimeSpan.FromSeconds(30))
            await Task.Delay(50);
        Assert.False(Sleeps());
        // A next run would stop it.
        foreach (var file in Directory.EnumerateFiles(temporary.Path, "postmaster.pid", SearchOption.AllDirectories))
            await IsolatedServer.EndAsync(Path.GetDirectoryName(Path.GetDirectoryName(file))!);
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }

    [Fact]
    [Hazard("H25")]
    public async Task Interrupt_during_a_command_ends_its_processes_and_sessions()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_slow", Slow);
        using var temporary = new TempFolder();
        using var run = Start(shop, temporary, "--skip-rehearsal", "--command", "sh -c 'psql \"$DATABASE_URL\" -c \"SELECT pg_sleep(600)\" ; true'");
        await run.UntilAsync(() => PgServer.ScalarAsync<bool>(shop.Target, Sleeping), "the command was running");
        await InterruptAsync(run, shop, temporary);
    }

    private static Dbsafety Start(Shop shop, TempFolder temporary, params string[] options)
    {
        // The throwaway server runs as another user where this is root's.
        File.SetUnixFileMode(temporary.Path, (UnixFileMode)511);
        return Dbsafety.Start(new Dictionary<string, string?> { ["TMPDIR"] = temporary.Path },
            ["migration", "run", shop.Migrations, "--database-url", DrizzleTools.Url(shop.Target), "--destination", Path.Combine(shop.Root, "backups"), .. options]);
    }

    /// <summary>The throwaway server's socket lies in its folder.</summary>
    private static async Task<bool> RehearsesAsync(Shop shop, TempFolder temporary)
    {
        foreach (var folder in Directory.EnumerateDirectories(temporary.Path).Where(d => File.Exists(Path.Combine(d, ".s.PGSQL.5432"))))
        {
            try
            {
                return await PgServer.ScalarAsync<bool>(new DatabaseTarget { Host = folder, Username = "postgres", Database = shop.Target.Database }, Sleeping);
            }
            catch (DbSafetyException)
            {
                // It is still starting, or the copy is not there yet.
            }
        }

        return false;
    }

    private static async Task InterruptAsync(Dbsafety run, Shop shop, TempFolder temporary)
    {
        await run.SignalAsync("INT");
        var ended = await run.EndAsync();

        Assert.True(ended.ExitCode == 130, $"{ended.ExitCode}: {ended.Output}{ended.Error}");
        Assert.Equal("1_slow:Pending", await shop.StatesAsync());
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL OR to_regnamespace('dbsafety') IS NOT NULL"));
        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'dbsafety _%')"));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(temporary.Path), f => Path.GetFileName(f).StartsWith("dbsafety", StringComparison.Ordinal));
        var backups = Path.Combine(shop.Root, "backups");
        Assert.DoesNotContain(Directory.Exists(backups) ? Directory.EnumerateFileSystemEntries(backups) : [], f => f.EndsWith(".partial", StringComparison.Ordinal));
    }
}
